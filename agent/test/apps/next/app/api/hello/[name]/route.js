// A handler whose answer is out before Next says what the request was.

export async function GET(_request, { params }) {
  const { name } = await params;
  if (name === 'nobody') throw new Error('nobody is here');
  return Response.json({ hello: name });
}
