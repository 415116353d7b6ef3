// A page that asks another service as it is rendered.

export const dynamic = 'force-dynamic';

export default async function Page({ params }) {
  const { id } = await params;
  const answer = await fetch(`${process.env.BACKEND}/stock/${id}`, { cache: 'no-store' });
  return <p>{await answer.text()}</p>;
}
