// Windows: an import names a file, and that of Node-API is node.exe, whatever the program that loads us is called (Electron,
// a renamed node). So these imports are resolved late, and here the program itself is given for that name.
// With MSVC node-gyp brings a hook of its own.
#if defined(__MINGW32__)

#include <cstring>

#include "sys/headers.h"
// clang-format off
#include <delayimp.h>
// clang-format on

namespace {

FARPROC WINAPI giveProgram(unsigned event, PDelayLoadInfo info) {
  if (event != dliNotePreLoadLibrary || ::_stricmp(info->szDll, "node.exe") != 0) return nullptr;
  // SAFETY: for this event the answer is a module, which delayimp.h types as a function.
  return reinterpret_cast<FARPROC>(::GetModuleHandleW(nullptr));
}

}  // namespace

extern "C" {
PfnDliHook __pfnDliNotifyHook2 = giveProgram;
}

#endif
