// What the original's std::wcin >> buf takes of a line, and what it leaves for the next read.
#include <iomanip>
#include <iostream>
#include <string>

int main() {
  wchar_t buf[100]{};
  // setw keeps to the buffer before C++20 too; it takes nothing from the point: the first blank ends the reading.
  std::wcin >> std::setw(100) >> buf;
  std::wstring rest;
  std::getline(std::wcin, rest);
  std::wcout << L"taken: " << buf << std::endl << L"left: " << rest << std::endl;
}
