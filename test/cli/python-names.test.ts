/** docs/python.md says of every public name of Python's modules what takes its place: in the section of its module, as code. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface PythonNames {
  readonly python: string;
  readonly names: Readonly<Record<string, readonly string[]>>;
}

const PAGE = readFileSync(new URL('../../docs/python.md', import.meta.url), 'utf8');
const { python, names } = JSON.parse(
  readFileSync(new URL('fixtures/python-names.json', import.meta.url), 'utf8'),
) as PythonNames;

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Of `mmap`, what is no method. */
const MMAP_CONSTANTS = words(`
    ACCESS_COPY ACCESS_DEFAULT ACCESS_READ ACCESS_WRITE ALLOCATIONGRANULARITY PAGESIZE error PROT_EXEC
    PROT_READ PROT_WRITE MADV_DONTNEED MADV_WILLNEED MADV_HUGEPAGE MAP_ANON MAP_ANONYMOUS MAP_PRIVATE
    MAP_SHARED MAP_POPULATE MAP_STACK
  `);

/** The modules of Python's own machinery share one section; the first column of its table says of which module a row is. */
const INNER = 'The inner modules of multiprocessing';
const POPEN = ['Popen', 'DupFd', 'set_spawning_popen'];
const INNER_NAMES: Readonly<Record<string, readonly string[]>> = {
  util: words(`
    DEBUG DEFAULT_LOGGING_FORMAT Finalize ForkAwareLocal ForkAwareThreadLock INFO LOGGER_NAME MAXFD
    NOTSET SUBDEBUG SUBWARNING abstract_sockets_supported close_all_fds_except close_fds debug
    get_logger get_temp_dir info is_abstract_socket_namespace is_exiting log_to_stderr
    register_after_fork spawnv_passfds sub_debug sub_warning
  `),
  spawn: words(`
    WINEXE WINSERVICE freeze_support get_command_line get_executable get_preparation_data
    get_start_method import_main_path is_forking old_main_modules prepare set_executable
    set_start_method spawn_main
  `),
  forkserver: words(`
    ForkServer MAXFDS_TO_SEND SIGNED_STRUCT connect_to_new_process ensure_running get_inherited_fds main
    read_signed set_forkserver_preload write_signed
  `),
  resource_sharer: ['DupFd', 'DupSocket', 'stop'],
  popen_fork: ['Popen', 'close', 'duplicate_for_child', 'kill', 'method', 'poll', 'terminate', 'wait'],
  popen_spawn_posix: POPEN,
  popen_forkserver: POPEN,
  popen_spawn_win32: ['Popen', 'TERMINATE', 'WINENV', 'WINEXE', 'WINSERVICE'],
  'dummy.connection': ['Client', 'Connection', 'Listener', 'Pipe', 'accept', 'address', 'families'],
};

/** What is below the heading of a module, up to the next one. */
function sectionOf(module: string): string {
  const from = PAGE.indexOf(`\n## ${module}\n`);
  expect(from, `there is no section ${module}`).toBeGreaterThan(0);
  const to = PAGE.indexOf('\n## ', from + 1);
  return PAGE.slice(from, to);
}

/** The names that a section speaks of. */
function namesIn(section: string): ReadonlySet<string> {
  const codes = Array.from(section.matchAll(/`([^`]+)`/g), ([, code = '']) => code);
  return new Set(codes.flatMap((code) => code.match(/\w+/g) ?? []));
}

/** Those names that a section leaves out. A family such as `MADV_*` stands for all names that begin so. */
function missing(expected: readonly string[], section: string): readonly string[] {
  const spoken = namesIn(section);
  const families = Array.from(section.matchAll(/\b(\w+_)\*/g), ([, prefix = '']) => prefix);
  return expected.filter((name) => !spoken.has(name) && !families.some((prefix) => name.startsWith(prefix)));
}

describe('docs/python.md', () => {
  test.each(Object.entries(names))('leaves out no name of %s', (module, expected) => {
    expect(expected).not.toEqual([]);
    expect(missing(expected, sectionOf(module))).toEqual([]);
  });

  test.each(Object.entries(INNER_NAMES))('leaves out no name of the inner module %s', (module, expected) => {
    const rows = sectionOf(INNER)
      .split('\n')
      .filter((line) => line.split(' | ')[0]?.includes(`\`${module}\``));
    expect(missing(expected, rows.join('\n'))).toEqual([]);
  });

  test.each([
    ['mmap', MMAP_CONSTANTS],
    ['multiprocessing.resource_tracker', ['ReentrantCallError']],
    ['multiprocessing.synchronize', ['sem_unlink']],
  ])('leaves out no constant or error of %s', (module, expected) => {
    expect(missing(expected, sectionOf(module))).toEqual([]);
  });

  test('names the version of Python whose names these are', () => {
    expect(PAGE).toContain(`Python ${python.split('.').slice(0, 2).join('.')} `);
  });
});
