export interface Instruction {
  name: string;
  flags: Record<string, string>;
  /** Everything behind the flags, its lines joined. */
  text: string;
}

export interface Stage {
  name: string;
  /** Another stage of the file, or an image. */
  base: string;
  instructions: Instruction[];
}

/** Reads what our Dockerfiles use of the language: no heredocs, no `escape` directive. */
export function parseDockerfile(source: string): Stage[] {
  const stages: Stage[] = [];
  for (const line of joinLines(source)) {
    const instruction = parseInstruction(line);
    if (instruction.name === 'FROM') {
      const [, base = '', name = String(stages.length)] =
        /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(instruction.text) ?? [];
      stages.push({ name, base, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage) stage.instructions.push(instruction);
      else if (instruction.name !== 'ARG') throw new Error(`Before the first FROM: ${line}`);
    }
  }
  return stages;
}

/** A comment line inside a continued instruction is no part of it. */
function joinLines(source: string): string[] {
  const joined: string[] = [];
  let open = '';
  for (const line of source.split('\n')) {
    if (/^\s*#/.test(line) || (!open && !line.trim())) continue;
    open += line.replace(/\\\s*$/, '');
    if (/\\\s*$/.test(line)) continue;
    joined.push(open.trim());
    open = '';
  }
  return joined;
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^([A-Za-z]+)\s+([^]*)$/.exec(line) ?? [];
  const flags: Record<string, string> = {};
  let text = rest;
  for (;;) {
    const [all, flag, value = ''] = /^--([a-z-]+)(?:=(\S+))?\s+/.exec(text) ?? [];
    if (!all || !flag) break;
    flags[flag] = value;
    text = text.slice(all.length);
  }
  return { name: name.toUpperCase(), flags, text };
}

/** `KEY=value KEY2="two words"`, with earlier variables put in. */
export function assignments(text: string, known: Record<string, string>): Record<string, string> {
  const found = { ...known };
  for (const [, key = '', quoted, bare = ''] of text.matchAll(
    /([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g,
  )) {
    found[key] = substitute(quoted ?? bare, found);
  }
  return found;
}

export const substitute = (text: string, known: Record<string, string>): string =>
  text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => {
    return known[braced ?? plain ?? ''] ?? '';
  });

/** The exec form, `["node", "dist/main.js"]`; the shell form is refused. */
export function execForm(text: string): string[] {
  const value: unknown = text.startsWith('[') ? JSON.parse(text) : undefined;
  if (!Array.isArray(value) || !value.every((part) => typeof part === 'string')) {
    throw new Error(`Not in the exec form, so a shell would stand between: ${text}`);
  }
  return value;
}
