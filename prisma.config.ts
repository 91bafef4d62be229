import { defineConfig } from 'prisma/config';

// `prisma generate` looks for the schema engine, which has to be downloaded, but never runs it: any existing file
// will do. The commands that do run it (`prisma migrate deploy`, `prisma studio`, …) are left to find the real one.
if (process.argv.includes('generate')) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= __filename;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
});
