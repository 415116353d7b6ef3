// A service that reads books through Prisma, on its adapter of pg. It knows nothing of OpenTelemetry.

const http = require('node:http');
const { PrismaPg } = require('@prisma/adapter-pg');
const { PrismaClient } = require('./generated');

const { PGHOST: host, PGUSER: user, PGPASSWORD: password, PGDATABASE: database } = process.env;
const connection = { host, port: Number(process.env.PGPORT), user, password, database };
const prisma = new PrismaClient({ adapter: new PrismaPg(connection) });

const server = http.createServer(async (_request, response) => {
  response.end(JSON.stringify(await prisma.book.findMany({ where: { id: { gt: 3 } } })));
});

prisma.$executeRawUnsafe('CREATE TABLE "Book" (id integer PRIMARY KEY, title text)').then(() => {
  server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
});
