// Preloaded by tools/lane-address.ts into every Node that the tests start, threads included: whoever loads the addon gets the
// one that NETLOOM_ADDON names.
const { dlopen } = process;
process.dlopen = function (module, filename, ...rest) {
  const isOurs = /[\\/]winsock_native\.node$/.test(filename);
  return dlopen.call(this, module, isOurs ? process.env.NETLOOM_ADDON : filename, ...rest);
};
