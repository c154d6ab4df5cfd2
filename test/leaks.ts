import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a test or program with a lab may have left behind: command lines of processes below this one, and segments that are open here. */
export function whatIsLeft(): { readonly processes: string[]; readonly segments: string[] } {
  return { processes: livingDescendants(process.pid), segments: openSegments() };
}

/** The command lines of the processes below `root` that are not zombies (pid 1 of a container may never reap). */
function livingDescendants(root: number): string[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = textOf(`/proc/${entry}/stat`);
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === undefined || state === 'Z' || state === '') continue;
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(entry)]);
  }
  const below = (pid: number): number[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(root)
    .map((pid) => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim())
    .filter((command) => command !== '');
}

function openSegments(): string[] {
  return readdirSync('/proc/self/fd')
    .map((descriptor) => linkOf(`/proc/self/fd/${descriptor}`))
    .filter((target) => target.startsWith('/memfd:ipc-lab'));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
