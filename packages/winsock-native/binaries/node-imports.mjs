// Windows: the functions of Node-API, found in the program that loads the addon, whatever its name is.
//
// An import names a file (node.exe), and the linker for Windows that Zig has cannot delay one until we could say which
// program is meant. So each function is a jump through a cell, which is filled when the addon is loaded.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nodeApiNames, root, start } from '../scripts/compile.mjs';

/** Writes and compiles them for the functions that our sources name, and gives the objects. */
export async function makeNodeImports(folder, compiler, options) {
  const known = new Set(nodeApiNames());
  const native = join(root, 'native');
  const used = new Set();
  for (const f of readdirSync(native, { recursive: true })) {
    if (!/\.(cc|h)$/.test(f)) continue;
    for (const word of readFileSync(join(native, f), 'utf8').match(/\bnapi_\w+/g) ?? [])
      if (known.has(word)) used.add(word);
  }
  const names = [...used].sort();
  const isArm = compiler.some((one) => one.startsWith('aarch64'));
  const sources = { 'node-imports.s': jumps(names, isArm), 'node-imports.cc': cells(names) };
  const objects = [];
  for (const [name, text] of Object.entries(sources)) {
    const source = join(folder, name);
    writeFileSync(source, text);
    const object = relative(root, `${source}.o`);
    const [command, ...first] = compiler;
    const flags = name.endsWith('.cc') ? ['-std=c++17', '-O2', '-Wall', '-Wextra', '-Werror'] : [];
    await start(command, [...first, ...flags, '-c', relative(root, source), '-o', object], options);
    objects.push(object);
  }
  return objects;
}

function jumps(names, isArm) {
  const jump = (at) =>
    isArm
      ? `  adrp x16, netloom_node_cells+${at}\n  ldr x16, [x16, :lo12:netloom_node_cells+${at}]\n  br x16\n`
      : `  jmp *netloom_node_cells+${at}(%rip)\n`;
  const each = names.map((name, i) => `.globl ${name}\n.p2align 4\n${name}:\n${jump(i * 8)}`);
  return `.text\n${each.join('')}`;
}

function cells(names) {
  return `#include <windows.h>
static const char* const kNames[] = {${names.map((name) => `"${name}"`).join(', ')}};
// What a host without the function answers: napi_generic_failure.
static int notThere() { return 9; }
extern "C" {
extern FARPROC netloom_node_cells[];
FARPROC netloom_node_cells[${names.length}];
}
namespace {
struct Filled {
  Filled() {
    const HMODULE program = ::GetModuleHandleW(nullptr);
    for (int i = 0; i < ${names.length}; i++) {
      const FARPROC found = ::GetProcAddress(program, kNames[i]);
      netloom_node_cells[i] = found ? found : reinterpret_cast<FARPROC>(notThere);
    }
  }
};
const Filled filled;
}
`;
}
