import type { Reporter, TestModule } from 'vitest/node';

/**
 * Prints `N passed, N failed` as the very last line of a run, after vitest's own summary.
 *
 * What is not a test result counts too: a file that fails to load, a hook that throws, an unhandled error, an
 * interrupted run. A run without one passed or failed test is a failure, and so is one that ends before its end.
 */
export default class ClosingLineReporter implements Reporter {
  #passed = 0;
  #failed = 0;
  #ended = false;

  onInit(): void {
    // At exit and not in onTestRunEnd: vitest still has things to say there (a close that hangs, for one).
    process.once('exit', (code) => {
      if (this.#failed === 0 && (!this.#ended || this.#passed === 0 || code !== 0)) this.#failed = 1;
      if (this.#failed > 0 && code === 0) process.exitCode = 1;
      process.stdout.write(`${this.#passed} passed, ${this.#failed} failed\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[], reason: string): void {
    const counts = modules.map(countModule);
    this.#ended = true;
    this.#passed = sum(counts.map((count) => count.passed));
    this.#failed = sum(counts.map((count) => count.failed)) + unhandledErrors.length;
    if (reason !== 'passed' && this.#failed === 0) this.#failed = 1;
  }
}

function countModule(module: TestModule): { passed: number; failed: number } {
  const suites = [module, ...module.children.allSuites()];
  const passed = [...module.children.allTests('passed')].length;
  const failed =
    [...module.children.allTests('failed')].length + suites.filter((suite) => suite.errors().length > 0).length;
  return { passed, failed: failed === 0 && !module.ok() ? 1 : failed };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
