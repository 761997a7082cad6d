// A process of its own that a test can kill: starts a throw-away cluster, says so, and stays.
import { startPostgres } from '../postgres.js';

const [dataDirectory = ''] = process.argv.slice(2);
const postgres = await startPostgres({ dataDirectory, durable: false });
console.log(postgres.url('postgres'));
process.stdin.resume();
