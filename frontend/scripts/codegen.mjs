// Writes src/protocol/generated.ts from the server's own description.
//
// Only the objects are taken: the client names its few requests itself
// (services/api.ts) and the socket has no place for its events in OpenAPI.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const DOCUMENT = new URL('../../docs/protocol/openapi.json', import.meta.url);
const OUTPUT = new URL('../src/protocol/generated.ts', import.meta.url);
const HEADER = '// Generated from docs/protocol/openapi.json by `npm run codegen`. Do not edit.\n\n';

const document = JSON.parse(readFileSync(DOCUMENT, 'utf8'));
const types = await openapiTS(
  { ...document, paths: {} },
  { rootTypes: true, rootTypesNoSchemaPrefix: true, defaultNonNullable: false },
);
writeFileSync(OUTPUT, HEADER + astToString(types));
