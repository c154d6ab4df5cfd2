const OWN_URL = new URL('../../bundle/index.js', import.meta.url).href;

interface Resolved {
  readonly url: string;
  readonly shortCircuit?: boolean;
}

/** A resolve hook of Node's module loader: 'ipc-lab' is this package, everything else as ever. */
export function resolve(
  specifier: string,
  context: unknown,
  next: (specifier: string, context: unknown) => Resolved | Promise<Resolved>,
): Resolved | Promise<Resolved> {
  return specifier === 'ipc-lab' ? { url: OWN_URL, shortCircuit: true } : next(specifier, context);
}
