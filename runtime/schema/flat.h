// SPDX-License-Identifier: Apache-2.0
// Reading and verifying FlatBuffers with nothing but a C++17 compiler: program_generated.h is
// flatc's reader of the schema over these types instead of those of FlatBuffers' headers, which
// need a hosted C++ library. The names are FlatBuffers' own, because flatc writes them; what they
// accept and answer is what its version 2.0.8 does (tests/runtime/schema compares the two).
#pragma once

#include <stddef.h>
#include <stdint.h>

#if __cplusplus < 201402L  // GCC takes the sources as C++14 too
#error "vitro: these sources are C++17; give the compiler -std=c++17 or -std=gnu++17."
#endif
#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error \
    "vitro: programs are little-endian and read where they lie; this CPU is not. Compile for a little-endian one."
#endif

namespace vitro::flat {

using uoffset_t = uint32_t;  // from where it stands to what it points at
using soffset_t = int32_t;   // from a table back to its vtable
using voffset_t = uint16_t;  // of a field: in its vtable, and from the table to the field

// At a multiple of the number's size, which verification has seen to; but of 4 where it is larger,
// because vectors of 64-bit numbers are verified to begin at a multiple of their length's size.
template <class T>
T ReadScalar(const void* at) {
  constexpr size_t kAlignment = sizeof(T) < 4 ? sizeof(T) : 4;
  T value;
  __builtin_memcpy(&value, __builtin_assume_aligned(at, kAlignment), sizeof value);
  return value;
}

template <class T>
bool IsOutRange(const T& value, const T& low, const T& high) {
  return value < low || high < value;
}

// How a vector holds T and what it gives for it.
template <class T>
struct Offset;

template <class T>
struct Element {
  using Type = T;
  static constexpr size_t kBytes = sizeof(T);
  static constexpr bool kInPlace = true;
  static T Read(const uint8_t* at) { return ReadScalar<T>(at); }
};

template <class T>
struct Element<Offset<T>> {
  using Type = const T*;
  static constexpr size_t kBytes = sizeof(uoffset_t);
  static constexpr bool kInPlace = false;
  static const T* Read(const uint8_t* at) {
    return reinterpret_cast<const T*>(at + ReadScalar<uoffset_t>(at));
  }
};

template <class T>
class VectorIterator {
 public:
  explicit VectorIterator(const uint8_t* at) : at_(at) {}
  typename Element<T>::Type operator*() const { return Element<T>::Read(at_); }
  VectorIterator& operator++() {
    at_ += Element<T>::kBytes;
    return *this;
  }
  bool operator!=(const VectorIterator& other) const { return at_ != other.at_; }

 private:
  const uint8_t* at_;
};

// A length and its elements, in the file.
template <class T>
class Vector {
 public:
  Vector() = delete;
  Vector(const Vector&) = delete;
  Vector& operator=(const Vector&) = delete;

  uoffset_t size() const { return ReadScalar<uoffset_t>(length_); }
  const uint8_t* Data() const { return reinterpret_cast<const uint8_t*>(this) + sizeof(uoffset_t); }
  const T* data() const { return reinterpret_cast<const T*>(Data()); }
  typename Element<T>::Type Get(uoffset_t i) const {
    return Element<T>::Read(Data() + i * Element<T>::kBytes);
  }
  // Numbers are iterated by pointers.
  auto begin() const { return At(0); }
  auto end() const { return At(size()); }

 private:
  auto At(uoffset_t i) const {
    if constexpr (Element<T>::kInPlace)
      return data() + i;
    else
      return VectorIterator<T>(Data() + i * Element<T>::kBytes);
  }

  alignas(uoffset_t) uint8_t length_[sizeof(uoffset_t)];
};

// A zero byte stands behind its last character.
class String : public Vector<char> {
 public:
  const char* c_str() const { return data(); }
};

// The member of a struct: so many T, without a length.
template <class T, uint16_t length>
class Array {
 public:
  constexpr uint16_t size() const { return length; }
  const uint8_t* Data() const { return reinterpret_cast<const uint8_t*>(values_); }
  T Get(uoffset_t i) const { return values_[i]; }
  const T* begin() const { return values_; }
  const T* end() const { return values_ + length; }

 private:
  T values_[length] = {};
};

// Answers "no" to whatever would make a reader leave the file: what 2.0.8 does, check by check.
// Offsets are of less than 2 GiB, so that no sum of two wraps round, on 32-bit cores too.
class Verifier {
 public:
  Verifier(const uint8_t* file, size_t size, uoffset_t most_nested, uoffset_t most_tables)
      : file_(file), size_(size), most_nested_(most_nested), most_tables_(most_tables) {}

  bool Inside(size_t at, size_t bytes) const { return bytes < size_ && at <= size_ - bytes; }
  bool Number(size_t at, size_t bytes, size_t align) const {
    return (at & (align - 1)) == 0 && Inside(at, bytes);
  }
  size_t Place(const void* of) const {
    return static_cast<size_t>(static_cast<const uint8_t*>(of) - file_);
  }

  // What an offset at `at` says, or 0 where it says nothing that may be followed.
  uoffset_t VerifyOffset(size_t at) const {
    if (!Number(at, sizeof(uoffset_t), sizeof(uoffset_t))) return 0;
    const uoffset_t offset = ReadScalar<uoffset_t>(file_ + at);
    return offset != 0 && offset <= 0x7fffffff && Inside(at + offset, 1) ? offset : 0;
  }

  // May the table's vtable be read? Counts the table.
  bool VerifyTableStart(const uint8_t* table) {
    const size_t at = Place(table);
    if (!Number(at, sizeof(soffset_t), sizeof(soffset_t))) return false;
    const size_t vtable = at - static_cast<size_t>(ReadScalar<soffset_t>(table));
    if (++nested_ > most_nested_ || ++tables_ > most_tables_ ||
        !Number(vtable, sizeof(voffset_t), sizeof(voffset_t)))
      return false;
    const voffset_t bytes = ReadScalar<voffset_t>(file_ + vtable);
    return (bytes & 1) == 0 && Inside(vtable, bytes);
  }
  bool EndTable() {
    --nested_;
    return true;
  }

  // Of pointers that may be null, as the following ones.
  template <class T>
  bool VerifyTable(const T* table) {
    return !table || table->Verify(*this);
  }
  template <class T>
  bool VerifyVector(const Vector<T>* vector) const {
    return !vector || Elements(Place(vector), Element<T>::kBytes);
  }
  bool VerifyString(const String* string) const {
    if (!string) return true;
    const size_t at = Place(string);
    if (!Elements(at, 1)) return false;
    const size_t end = at + sizeof(uoffset_t) + string->size();
    return Inside(end, 1) && file_[end] == 0;
  }
  bool VerifyVectorOfStrings(const Vector<Offset<String>>* strings) const {
    if (strings)
      for (const String* string : *strings)
        if (!VerifyString(string)) return false;
    return true;
  }
  template <class T>
  bool VerifyVectorOfTables(const Vector<Offset<T>>* tables) {
    if (tables)
      for (const T* table : *tables)
        if (!table->Verify(*this)) return false;
    return true;
  }

  // The whole file; T is the table at its root.
  template <class T>
  bool VerifyBuffer(const char* identifier) {
    if (size_ < 2 * sizeof(uoffset_t) ||
        __builtin_memcmp(file_ + sizeof(uoffset_t), identifier, 4) != 0)
      return false;
    const uoffset_t root = VerifyOffset(0);
    return root != 0 && reinterpret_cast<const T*>(file_ + root)->Verify(*this);
  }

 private:
  // A length and so many elements behind it. Offsets of elements are checked where T is.
  bool Elements(size_t at, size_t bytes) const {
    if (!Number(at, sizeof(uoffset_t), sizeof(uoffset_t))) return false;
    const uoffset_t count = ReadScalar<uoffset_t>(file_ + at);
    // By a 32-bit size: a division of 64 bits is a library call on 32-bit cores.
    return count < 0x7fffffffu / static_cast<uint32_t>(bytes) &&
           Inside(at, sizeof(uoffset_t) + bytes * count);
  }

  const uint8_t* const file_;
  const size_t size_;
  const uoffset_t most_nested_, most_tables_;
  uoffset_t nested_ = 0, tables_ = 0;
};

// A table of the schema is this and nothing more: an address in the file.
class Table {
 public:
  Table() = delete;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // From the table to the field; 0 where the file does not have it.
  voffset_t GetOptionalFieldOffset(voffset_t field) const {
    const uint8_t* vtable = data_ - ReadScalar<soffset_t>(data_);
    return field < ReadScalar<voffset_t>(vtable) ? ReadScalar<voffset_t>(vtable + field)
                                                 : voffset_t{0};
  }
  template <class T>
  T GetField(voffset_t field, T absent) const {
    const voffset_t offset = GetOptionalFieldOffset(field);
    return offset ? ReadScalar<T>(data_ + offset) : absent;
  }
  template <class P>
  P GetPointer(voffset_t field) const {
    const voffset_t offset = GetOptionalFieldOffset(field);
    const uint8_t* at = data_ + offset;
    return offset ? reinterpret_cast<P>(at + ReadScalar<uoffset_t>(at)) : nullptr;
  }
  template <class P>
  P GetStruct(voffset_t field) const {
    const voffset_t offset = GetOptionalFieldOffset(field);
    return offset ? reinterpret_cast<P>(data_ + offset) : nullptr;
  }

  bool VerifyTableStart(Verifier& verifier) const { return verifier.VerifyTableStart(data_); }
  template <class T>
  bool VerifyField(const Verifier& verifier, voffset_t field, size_t align) const {
    const voffset_t offset = GetOptionalFieldOffset(field);
    return !offset || verifier.Number(verifier.Place(data_) + offset, sizeof(T), align);
  }
  bool VerifyOffset(const Verifier& verifier, voffset_t field) const {
    const voffset_t offset = GetOptionalFieldOffset(field);
    return !offset || verifier.VerifyOffset(verifier.Place(data_) + offset) != 0;
  }
  bool VerifyOffsetRequired(const Verifier& verifier, voffset_t field) const {
    return GetOptionalFieldOffset(field) != 0 && VerifyOffset(verifier, field);
  }

 private:
  uint8_t data_[1];
};

template <class T>
const T* GetRoot(const void* file) {
  return Element<Offset<T>>::Read(static_cast<const uint8_t*>(file));
}

inline bool BufferHasIdentifier(const void* file, const char* identifier) {
  return __builtin_memcmp(static_cast<const uint8_t*>(file) + sizeof(uoffset_t), identifier, 4) ==
         0;
}

}  // namespace vitro::flat
