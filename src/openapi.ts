import fs from 'node:fs';
import path from 'node:path';
import { createOpenApiDocument } from './api/openapi-document';

/** Writes docs/openapi.json, which a test compares with the contracts. */
const file = path.resolve('docs/openapi.json');
fs.writeFileSync(file, `${JSON.stringify(createOpenApiDocument(), null, 2)}\n`);
