// A runner of tests as plain as can be, for runtimes whose own is another than Node's: test/contract/harness.mjs takes it where
// NETLOOM_RUNNER names it. One test after the other; of options it knows `skip` and `timeout`.
const LIMIT_MS = 30_000;

const registered = [];
const endings = [];

export function test(name, options, body) {
  registered.push(typeof options === 'function' ? [name, {}, options] : [name, options, body]);
}

export function after(end) {
  endings.push(end);
}

/** Loads files of tests and runs each to its end; what failed is printed. */
export async function run(files) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    await import(file);
    for (const [name, { skip = false, timeout = LIMIT_MS }, body] of registered.splice(0)) {
      const problem = skip === false ? await problemOf(body, timeout) : undefined;
      if (skip !== false) counts.skipped++;
      else if (problem === undefined) counts.passed++;
      else {
        counts.failed++;
        console.log(`FAILED ${name}: ${problem}`);
      }
    }
    for (const end of endings.splice(0)) await end();
  }
  return counts;
}

async function problemOf(body, limitMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms`)), limitMs);
  });
  try {
    await Promise.race([body(), late]);
    return undefined;
  } catch (error) {
    return error.stack ?? String(error);
  } finally {
    clearTimeout(timer);
  }
}
