import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ast from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

/** One source file, by its path from the repository root, with forward slashes. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** What the rules need to know of one source file. */
export interface ModuleFacts {
  readonly path: string;
  /** Everything named by an import, `import type`, `export … from`, `import()`, `import('…').T` or `require()`. */
  readonly specifiers: readonly string[];
  /** Every other string literal: a native library can be named without an import. */
  readonly literals: readonly string[];
  readonly onlyReexports: boolean;
}

const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Reads every `.ts` file below a folder of the repository, or those of other kinds; an absent folder gives an empty list. */
export function readSources(folder: string, kinds = /\.[cm]?tsx?$/): SourceText[] {
  let entries;
  try {
    entries = readdirSync(join(repositoryRoot, folder), { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() && kinds.test(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: relative(repositoryRoot, file).split(sep).join('/'), text: readFileSync(file, 'utf8') };
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Parses the files with TypeScript's own parser, in memory: no text matching, so comments and strings cannot lie. */
export function parseModules(sources: readonly SourceText[]): ModuleFacts[] {
  const config = '/virtual/tsconfig.json';
  const files: Record<string, string> = {
    [config]: JSON.stringify({ compilerOptions: { noLib: true, noResolve: true, types: [] }, include: ['**/*'] }),
  };
  for (const { path, text } of sources) files[`/virtual/${path}`] = text;
  const api = new API({ cwd: '/virtual', fs: createVirtualFileSystem(files) });
  try {
    const program = api.updateSnapshot({ openProjects: [config] }).getProject(config)?.program;
    return sources.map(({ path }) => {
      const file = program?.getSourceFile(`/virtual/${path}`);
      if (file === undefined) throw new Error(`TypeScript did not parse ${path}`);
      return factsOf(path, file);
    });
  } finally {
    api.close();
  }
}

function factsOf(path: string, file: ast.SourceFile): ModuleFacts {
  const specifiers: string[] = [];
  const literals: string[] = [];
  const visit = (node: ast.Node): void => {
    if (ast.isStringLiteral(node) || ast.isNoSubstitutionTemplateLiteral(node)) {
      (namesModule(node) ? specifiers : literals).push(node.text);
    }
    node.forEachChild(visit);
  };
  visit(file);
  const onlyReexports = file.statements.every(
    (statement) => ast.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
  );
  return { path, specifiers, literals, onlyReexports };
}

function namesModule(literal: ast.Node): boolean {
  const parent = literal.parent;
  if (ast.isImportDeclaration(parent) || ast.isExportDeclaration(parent)) return parent.moduleSpecifier === literal;
  if (ast.isExternalModuleReference(parent)) return true;
  if (ast.isLiteralTypeNode(parent)) return ast.isImportTypeNode(parent.parent);
  if (!ast.isCallExpression(parent) || parent.arguments[0] !== literal) return false;
  const callee = parent.expression;
  return callee.kind === ast.SyntaxKind.ImportKeyword || (ast.isIdentifier(callee) && callee.text === 'require');
}
