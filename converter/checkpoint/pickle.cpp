// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/pickle.h"

#include <algorithm>
#include <cstring>

#include "converter/checkpoint/pickle_globals.h"
#include "converter/checkpoint/pickle_objects.h"

namespace vitro::converter {
namespace {

constexpr uint32_t kNothing = ~uint32_t{0};

class Unpickler {
 public:
  Unpickler(const char* bytes, size_t size, const PickleRefusal& refuse)
      : bytes_(bytes), size_(size), objects_(refuse) {}

  Pickle run() {
    none_ = add(PickleKind::None);
    while (!stopped_) step(byte());
    Pickle pickle = objects_.take(pop());
    pickle.bytes = at_;
    return pickle;
  }

 private:
  // --- bytes ---

  const char* take(uint64_t count) {
    if (count > size_ - at_) refuse("its pickle is cut short");
    const char* bytes = bytes_ + at_;
    at_ += static_cast<size_t>(count);
    return bytes;
  }
  uint8_t byte() { return static_cast<uint8_t>(*take(1)); }
  uint64_t whole(size_t width) {
    const char* bytes = take(width);
    uint64_t value = 0;
    for (size_t i = width; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
    return value;
  }
  std::string line() {
    const void* end = std::memchr(bytes_ + at_, '\n', std::min<size_t>(size_ - at_, 512));
    if (!end) refuse("its pickle has a global without an end");
    const size_t size = static_cast<size_t>(static_cast<const char*>(end) - (bytes_ + at_));
    return {take(size + 1), size};
  }

  // --- values ---

  [[noreturn]] void refuse(const std::string& fault) const { objects_.refuse(fault); }
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const {
    objects_.refuse(fault, remedy);
  }
  uint32_t add(PickleKind kind) { return objects_.add(kind); }
  uint32_t add_number(PickleKind kind, int64_t number) { return objects_.add_number(kind, number); }
  PickleValue& value(uint32_t index) { return objects_.value(index); }

  uint32_t add_text(PickleKind kind, uint64_t size) {
    const char* bytes = take(size);
    const uint32_t index = add(kind);
    value(index).text.assign(bytes, static_cast<size_t>(size));
    return index;
  }
  void push(uint32_t value) {
    if (stack_.size() >= kMaxPickleValues)
      refuse("its pickle stacks more than " + std::to_string(kMaxPickleValues) + " values",
             kRemedyWeights);
    stack_.push_back(value);
  }
  void mark() {
    if (marks_.size() >= kMaxPickleValues)
      refuse("its pickle is nested too deeply", kRemedyWeights);
    marks_.push_back(stack_.size());
  }
  uint32_t pop() {
    if (stack_.size() <= (marks_.empty() ? 0 : marks_.back()))
      refuse("its pickle takes more from its stack than is there");
    const uint32_t value = stack_.back();
    stack_.pop_back();
    return value;
  }
  uint32_t top() {
    const uint32_t value = pop();
    push(value);
    return value;
  }
  std::vector<uint32_t> pop_to_mark() {
    if (marks_.empty()) refuse("its pickle lacks a mark");
    std::vector<uint32_t> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()),
                                stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  void push_items(PickleKind kind, std::vector<uint32_t> items) {
    const uint32_t container = add(kind);
    value(container).items = std::move(items);
    push(container);
  }
  void push_tuple(size_t count) {
    std::vector<uint32_t> items(count);
    while (count > 0) items[--count] = pop();
    push_items(PickleKind::Tuple, std::move(items));
  }

  /// To a list, a set or a dictionary; what is opaque swallows it.
  void append(PickleKind kind, const std::vector<uint32_t>& items) {
    PickleValue& container = value(top());
    if (container.kind == PickleKind::Opaque) return;
    if (container.kind != kind || (kind == PickleKind::Dict && items.size() % 2 != 0))
      refuse("its pickle adds items to something that is not a container");
    container.items.insert(container.items.end(), items.begin(), items.end());
  }

  void memoize(uint64_t key) {
    // Picklers count from 0 on. A table by hash could be filled so that each key meets all others.
    if (key >= kMaxPickleValues)
      refuse("its pickle remembers more than " + std::to_string(kMaxPickleValues) + " values",
             kRemedyWeights);
    if (key >= memo_.size()) memo_.resize(static_cast<size_t>(key) + 1, kNothing);
    if (memo_[key] == kNothing) ++remembered_;
    memo_[key] = top();
  }
  void recall(uint64_t key) {
    if (key >= memo_.size() || memo_[key] == kNothing)
      refuse("its pickle recalls what was not there");
    push(memo_[key]);
  }

  void push_global(const std::string& module, const std::string& name) {
    push(objects_.add_global(module + "." + name));
  }

  // --- opcodes ---

  void push_long(uint64_t size) {
    if (size > 8)
      return push(add_text(PickleKind::Bytes, size));  // seeds, the format's magic number
    const char* bytes = take(size);
    uint64_t number = size > 0 && (bytes[size - 1] & 0x80) ? ~uint64_t{0} : 0;
    for (size_t i = static_cast<size_t>(size); i-- > 0;)
      number = number << 8 | static_cast<uint8_t>(bytes[i]);
    int64_t with_sign;
    std::memcpy(&with_sign, &number, 8);
    push(add_number(PickleKind::Int, with_sign));
  }

  void step(uint8_t code) {
    switch (code) {
      case 0x80: check_protocol(byte()); break;
      case 0x95: take(8); break;  // FRAME
      case '.': stopped_ = true; break;
      case '(': mark(); break;
      case '0': pop(); break;
      case '1': pop_to_mark(); break;
      case '2': push(top()); break;
      case 'N': push(none_); break;
      case 0x88: push(add_number(PickleKind::Bool, 1)); break;
      case 0x89: push(add_number(PickleKind::Bool, 0)); break;
      case 'J':
        push(add_number(PickleKind::Int, static_cast<int32_t>(static_cast<uint32_t>(whole(4)))));
        break;
      case 'K': push(add_number(PickleKind::Int, static_cast<int64_t>(whole(1)))); break;
      case 'M': push(add_number(PickleKind::Int, static_cast<int64_t>(whole(2)))); break;
      case 0x8a: push_long(whole(1)); break;
      case 0x8b: push_long(whole(4)); break;
      case 'G': take(8), push(add(PickleKind::Float)); break;
      case 'T': push(add_text(PickleKind::Text, whole(4))); break;
      case 'U': push(add_text(PickleKind::Text, whole(1))); break;
      case 'X': push(add_text(PickleKind::Text, whole(4))); break;
      case 0x8c: push(add_text(PickleKind::Text, whole(1))); break;
      case 0x8d: push(add_text(PickleKind::Text, whole(8))); break;
      case 'B': push(add_text(PickleKind::Bytes, whole(4))); break;
      case 'C': push(add_text(PickleKind::Bytes, whole(1))); break;
      case 0x8e:
      case 0x96: push(add_text(PickleKind::Bytes, whole(8))); break;
      case ']': push(add(PickleKind::List)); break;
      case 'a': append_one(PickleKind::List, 1); break;
      case 'e': append(PickleKind::List, pop_to_mark()); break;
      case 'l': push_items(PickleKind::List, pop_to_mark()); break;
      case ')': push(add(PickleKind::Tuple)); break;
      case 't': push_items(PickleKind::Tuple, pop_to_mark()); break;
      case 0x85: push_tuple(1); break;
      case 0x86: push_tuple(2); break;
      case 0x87: push_tuple(3); break;
      case '}': push(add(PickleKind::Dict)); break;
      case 'd': make_dict_of_mark(); break;
      case 's': append_one(PickleKind::Dict, 2); break;
      case 'u': append(PickleKind::Dict, pop_to_mark()); break;
      case 0x8f: push(add(PickleKind::Set)); break;
      case 0x90: append(PickleKind::Set, pop_to_mark()); break;
      case 0x91: push_items(PickleKind::Set, pop_to_mark()); break;
      case 'h': recall(whole(1)); break;
      case 'j': recall(whole(4)); break;
      case 'q': memoize(whole(1)); break;
      case 'r': memoize(whole(4)); break;
      case 0x94: memoize(remembered_); break;
      case 'c': {
        const std::string module = line();
        push_global(module, line());
        break;
      }
      case 0x93: push_stack_global(); break;
      case 'R':
      case 0x81: {  // REDUCE and NEWOBJ
        const uint32_t arguments = pop();
        const uint32_t callee = pop();
        push(objects_.call(callee, arguments));
        break;
      }
      case 'b': build(); break;
      case 'Q': push(objects_.make_storage(pop())); break;
      default: refuse_opcode(code);
    }
  }

  void check_protocol(uint8_t version) const {
    if (version < 2 || version > 5)
      refuse("its pickle is of protocol " + std::to_string(version) + ", only 2 to 5 are read",
             kRemedyWeights);
  }

  void append_one(PickleKind kind, size_t count) {
    std::vector<uint32_t> items(count);
    while (count > 0) items[--count] = pop();
    append(kind, items);
  }

  void make_dict_of_mark() {
    std::vector<uint32_t> items = pop_to_mark();
    if (items.size() % 2 != 0) refuse("its pickle has a dictionary with a key without a value");
    push_items(PickleKind::Dict, std::move(items));
  }

  void push_stack_global() {
    const uint32_t name = pop(), module = pop();
    if (value(name).kind != PickleKind::Text || value(module).kind != PickleKind::Text)
      refuse("its pickle has a global without a name");
    push_global(value(module).text, value(name).text);
  }

  /// Attributes of a dictionary, a tensor or something opaque: nothing that matters.
  void build() {
    pop();
    const PickleKind kind = value(top()).kind;
    if (kind != PickleKind::Dict && kind != PickleKind::Tensor && kind != PickleKind::Opaque)
      refuse("its pickle gives attributes to what has none", kRemedyWeights);
  }

  [[noreturn]] void refuse_opcode(uint8_t code) const {
    const char* name = foreign_opcode(code);
    if (name)
      refuse(std::string("its pickle has opcode ") + name + ", which torch.save does not write",
             kRemedyWeights);
    refuse("its pickle has an unknown opcode (" + std::to_string(code) + ")");
  }

  const char* bytes_;
  const size_t size_;
  size_t at_ = 0;
  bool stopped_ = false;
  uint32_t none_ = 0;
  PickleObjects objects_;
  std::vector<uint32_t> stack_;
  std::vector<size_t> marks_;
  std::vector<uint32_t> memo_;  // by key
  size_t remembered_ = 0;       // keys
};

}  // namespace

Pickle read_pickle(const char* bytes, size_t size, const PickleRefusal& refuse) {
  return Unpickler(bytes, size, refuse).run();
}

}  // namespace vitro::converter
