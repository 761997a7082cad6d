// A separate process that a test can kill: starts a throw-away cluster, reports it, and keeps running.
import { startPostgres } from '../postgres.js';

const [dataDirectory = ''] = process.argv.slice(2);
const postgres = await startPostgres({ dataDirectory, durable: false });
console.log(postgres.url('postgres'));
process.stdin.resume();
