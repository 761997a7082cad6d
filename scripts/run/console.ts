import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { styleText } from 'node:util';
import { prettyFactory } from 'pino-pretty';

export type Say = (line: string) => void;

const COLOURS = { core: 'cyan', inference: 'magenta', migrate: 'yellow', run: 'green' } as const;
export type Speaker = keyof typeof COLOURS;

/** Prefixes each line of output with its source. */
export function speaker(name: Speaker, write: Say): Say {
  const label = styleText(COLOURS[name], `${name.padEnd(9)} |`, { stream: process.stdout });
  return (text) => {
    for (const line of text.trimEnd().split('\n')) write(`${label} ${line}`);
  };
}

/** Prints a service's output line by line, with readable JSON logs. */
export function relay(streams: (Readable | null)[], say: Say): void {
  for (const stream of streams) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => say(readable(line)));
  }
}

const pretty = prettyFactory({
  colorize: process.stdout.isTTY,
  translateTime: 'SYS:HH:MM:ss.l',
  ignore: 'pid,hostname,name,service,context,req,res,method,path,route,statusCode,ms',
  messageFormat:
    '{if context}[{context}] {end}{msg}{if req.method} {req.method} {req.url}{end}' +
    '{if statusCode} {method} {path}: {statusCode} in {ms} ms{end}',
  singleLine: true,
});

const readable = (line: string): string => (line.startsWith('{') ? pretty(line) : line);
