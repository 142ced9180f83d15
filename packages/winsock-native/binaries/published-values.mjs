// `node packages/winsock-native/binaries/published-values.mjs [TARGET...]` in the root: holds the numbers and layouts of each system's headers,
// as the compiler of the prebuilds has them, against published ones: vectors/reference/api-surface.json and, for structures,
// the systems' own manuals. For systems on which nothing of ours has run it is all there is.
//
// A name that the headers lack is counted and not checked: the addon then does not export it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tellCounts } from '../../../tools/counts.mjs';
import { root, start } from '../scripts/compile.mjs';
import { compilerFor, environment } from './compiler.mjs';
import { TARGETS } from './targets.mjs';

const SURFACE = 'vectors/reference/api-surface.json';

/** Size, then fields with their offsets. BSD's begin with a length of one byte and a family of one. */
const inet = (family) => ({
  sockaddr: [16, { sa_family: family, sa_data: 2 }],
  sockaddr_in: [16, { sin_family: family, sin_port: 2, sin_addr: 4, sin_zero: 8 }],
  sockaddr_in6: [
    28,
    { sin6_family: family, sin6_port: 2, sin6_flowinfo: 4, sin6_addr: 8, sin6_scope_id: 24 },
  ],
  sockaddr_storage: [128, { ss_family: family }],
  in_addr: [4, {}],
  in6_addr: [16, {}],
});
const LAYOUTS = {
  linux: {
    ...inet(0),
    sockaddr_un: [110, { sun_family: 0, sun_path: 2 }],
    linger: [8, { l_onoff: 0, l_linger: 4 }],
    timeval: [16, { tv_sec: 0, tv_usec: 8 }],
  },
  darwin: {
    ...inet(1),
    sockaddr_un: [106, { sun_family: 1, sun_path: 2 }],
    linger: [8, { l_onoff: 0, l_linger: 4 }],
    timeval: [16, { tv_sec: 0, tv_usec: 8 }],
  },
  win32: {
    ...inet(0),
    sockaddr_un: [110, { sun_family: 0, sun_path: 2 }],
    linger: [4, { l_onoff: 0, l_linger: 2 }],
    timeval: [8, { tv_sec: 0, tv_usec: 4 }],
  },
};

/** Where the C library decides and not the kernel: musl's include/sys/socket.h and include/netdb.h. */
const MUSL = { SOMAXCONN: 128, NI_MAXHOST: 255 };

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : Object.keys(TARGETS)) {
  const { os } = TARGETS[name];
  const { rows } = JSON.parse(readFileSync(SURFACE, 'utf8'));
  const values = new Map();
  for (const { name: constant, value } of rows)
    if (Number.isInteger(value?.[os])) values.set(constant, value[os]);
  if (name.endsWith('-musl'))
    for (const [constant, value] of Object.entries(MUSL)) values.set(constant, value);
  const file = join(root, 'build', `published-${name}.cc`);
  writeFileSync(file, textOf(values, LAYOUTS[os]));
  const flags = ['-std=c++17', '-Wall', '-Wextra', '-Werror', '-Inative/sys'];
  const [command, ...first] = compilerFor(name);
  await start(command, [...first, ...flags, '-c', file, '-o', `${file}.o`], {
    environment,
    isQuiet: true,
  });
  console.log(
    `${name}: ${values.size} numbers and ${Object.keys(LAYOUTS[os]).length} structures are as published, where its headers have them`,
  );
  tellCounts({ passed: 1 });
}

function textOf(values, layouts) {
  const lines = ['#include "headers.h"', '#include <cstddef>'];
  for (const [name, value] of values)
    lines.push(
      `#ifdef ${name}`,
      `static_assert(static_cast<unsigned>(${name}) == static_cast<unsigned>(${value}LL), "${name}");`,
      '#endif',
    );
  for (const [name, [size, fields]] of Object.entries(layouts)) {
    lines.push(`static_assert(sizeof(${name}) == ${size}, "${name}");`);
    for (const [field, at] of Object.entries(fields))
      lines.push(`static_assert(offsetof(${name}, ${field}) == ${at}, "${name}.${field}");`);
  }
  return `${lines.join('\n')}\n`;
}
