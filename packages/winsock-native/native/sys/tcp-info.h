// The fields of the kernel's tcp_info and where they lie; none on a system that has no such structure.
#pragma once

#include <cstddef>

namespace netloom::sys {

// Of a field that the headers lack.
constexpr size_t kNoOffset = ~static_cast<size_t>(0);

struct FieldOffset {
  const char* name;
  size_t value;
};

extern const FieldOffset kTcpInfo[];
extern const size_t kTcpInfoCount;

}  // namespace netloom::sys
