/** Imports a module that is known only at run time. Every such import is made here: the bundle leaves this module to Node's own loader. */
export function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  return import(url) as Promise<Readonly<Record<string, unknown>>>;
}
