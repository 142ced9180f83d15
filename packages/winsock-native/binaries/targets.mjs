// The systems that ship a binary: the compiler's name for each, and the file in the package, where node-gyp-build looks. And
// those that ship none, for which the sources are held to the systems' own headers.

/** Node's own oldest: Node 20 asks for 2.28; ours does not ask for more than it needs. */
const GLIBC = '2.17';
const MACOS = '11.0';

const linux = (arch, cpu, libc) => ({
  triple: `${cpu}-linux-${libc === 'glibc' ? `gnu.${GLIBC}` : 'musl'}`,
  os: 'linux',
  file: `prebuilds/linux-${arch}/winsock_native.napi.${libc}.node`,
  link: ['-pthread', '-Wl,--version-script=native/exports.map'],
});

const windows = (arch, cpu) => ({
  triple: `${cpu}-windows.win10-gnu`,
  os: 'win32',
  file: `prebuilds/win32-${arch}/winsock_native.napi.node`,
  // Node-API is a set of functions of the program that loads us: node-imports.mjs finds them there.
  flags: ['-DNAPI_EXTERN='],
  // Said by the triple, and a second time would be a warning.
  without: ['-D_WIN32_WINNT=0x0A00'],
  link: ['-lws2_32'],
});

const macos = (arch, cpu) => ({
  triple: `${cpu}-macos.${MACOS}`,
  os: 'darwin',
  file: `prebuilds/darwin-${arch}/winsock_native.napi.node`,
  link: ['-Wl,-undefined,dynamic_lookup'],
});

export const TARGETS = {
  'linux-x64-glibc': linux('x64', 'x86_64', 'glibc'),
  'linux-arm64-glibc': linux('arm64', 'aarch64', 'glibc'),
  'linux-x64-musl': linux('x64', 'x86_64', 'musl'),
  'linux-arm64-musl': linux('arm64', 'aarch64', 'musl'),
  'win32-x64': windows('x64', 'x86_64'),
  'win32-arm64': windows('arm64', 'aarch64'),
  'darwin-x64': macos('x64', 'x86_64'),
  'darwin-arm64': macos('arm64', 'aarch64'),
};

/** Nothing is linked: see sources.mjs. */
export const WITHOUT_BINARY = {
  'freebsd-x64': { triple: 'x86_64-freebsd', os: 'freebsd' },
  'netbsd-x64': { triple: 'x86_64-netbsd', os: 'netbsd' },
};
