# filtered.py PROGRAM ARGS...: becomes that program, which inherits as descriptor 9 a datagram socket with a filter of four
# instructions. A filter is set by a pointer, which JavaScript has not.
import ctypes, os, socket, struct, sys

SO_ATTACH_FILTER = 26
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
instruction = struct.pack("HBBI", 0x06, 0, 0, 0xFFFF)  # accept the packet
code = ctypes.create_string_buffer(instruction * 4)
s.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 4, ctypes.addressof(code)))
os.dup2(s.fileno(), 9)
os.execvp(sys.argv[1], sys.argv[1:])
