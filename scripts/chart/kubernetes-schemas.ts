import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { kindsOf } from './json-schemas.js';

/** `kubernetes-schemas.ts <folder of the module k8s.io/kubernetes> <folder to write>` */
const [module = '', out = ''] = process.argv.slice(2);
const folder = join(module, 'api/openapi-spec/v3');
let written = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('_openapi.json'))) {
  for (const [place, schema] of kindsOf(JSON.parse(readFileSync(join(folder, file), 'utf8')))) {
    const path = join(out, `${place}.json`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(schema));
    written++;
  }
}
console.log(`${written} Kubernetes API schemas`);
