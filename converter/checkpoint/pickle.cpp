// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/pickle.h"

#include <cstring>
#include <unordered_map>

#include "converter/base/error.h"
#include "converter/checkpoint/pickle_globals.h"

namespace vitro::converter {
namespace {

constexpr size_t kMaxValues = 4'000'000;
constexpr size_t kMaxTensorsOfPickle = 100'000, kMaxStorages = 100'000;
constexpr size_t kMaxRank = 8, kMaxArguments = 16, kMaxKey = 100;
constexpr char kRemedyDamagedPickle[] =
    "the file is damaged or incomplete: copy or download it again";
constexpr char kRemedyWeights[] = "save the weights alone: torch.save(model.state_dict(), PATH)";

class Unpickler {
 public:
  Unpickler(const char* bytes, size_t size, const PickleRefusal& refuse)
      : bytes_(bytes), size_(size), refuse_(refuse) {}

  Pickle run() {
    none_ = add(PickleKind::None);
    while (!stopped_) step(byte());
    pickle_.root = pop();
    pickle_.bytes = at_;
    return std::move(pickle_);
  }

 private:
  [[noreturn]] void refuse(const std::string& fault,
                           const std::string& remedy = kRemedyDamagedPickle) const {
    refuse_(fault, remedy);
    throw std::logic_error("a refusal that throws nothing");
  }

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
    const std::string text(take(size + 1), size);
    return text;
  }

  // --- values ---

  uint32_t add(PickleKind kind) {
    if (pickle_.values.size() >= kMaxValues)
      refuse("its pickle has more than " + std::to_string(kMaxValues) + " values", kRemedyWeights);
    pickle_.values.emplace_back();
    pickle_.values.back().kind = kind;
    return static_cast<uint32_t>(pickle_.values.size() - 1);
  }
  uint32_t add_number(PickleKind kind, int64_t number) {
    const uint32_t value = add(kind);
    pickle_.values[value].number = number;
    return value;
  }
  uint32_t add_text(PickleKind kind, uint64_t size) {
    const char* bytes = take(size);
    const uint32_t value = add(kind);
    pickle_.values[value].text.assign(bytes, static_cast<size_t>(size));
    return value;
  }
  PickleValue& value(uint32_t index) { return pickle_.values[index]; }

  void push(uint32_t value) {
    if (stack_.size() >= kMaxValues)
      refuse("its pickle stacks more than " + std::to_string(kMaxValues) + " values",
             kRemedyWeights);
    stack_.push_back(value);
  }
  void mark() {
    if (marks_.size() >= kMaxValues) refuse("its pickle is nested too deeply", kRemedyWeights);
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
    if (memo_.size() >= kMaxValues)
      refuse("its pickle remembers more than " + std::to_string(kMaxValues) + " values",
             kRemedyWeights);
    memo_[key] = top();
  }
  void recall(uint64_t key) {
    const auto at = memo_.find(key);
    if (at == memo_.end()) refuse("its pickle recalls what was not there");
    push(at->second);
  }

  // --- globals ---

  void push_global(const std::string& module, const std::string& name) {
    const std::string global = module + "." + name;
    if (role_of(global) == GlobalRole::Unknown) {
      refuse("its pickle asks for " + in_quotes(global) + ", which is not part of a tensor" +
                 (is_dangerous(global) ? ": loading it with Python could run anything" : ""),
             is_dangerous(global) ? "do not load it with Python; get the weights from somebody "
                                    "whom you trust, as .safetensors"
                                  : kRemedyWeights);
    }
    const uint32_t index = add(PickleKind::Global);
    value(index).text = global;
    push(index);
  }

  void call(uint32_t callee, uint32_t arguments) {
    if (value(arguments).kind != PickleKind::Tuple)
      refuse("its pickle calls something without a tuple of arguments");
    if (value(callee).kind != PickleKind::Global)
      refuse("its pickle calls something that is not a global");
    push(result_of(value(callee).text, value(arguments).items));
  }

  uint32_t result_of(const std::string& global, const std::vector<uint32_t>& items) {
    if (items.size() > kMaxArguments)
      refuse("its pickle calls something with " + std::to_string(items.size()) + " arguments",
             kRemedyWeights);
    const std::string name = global;  // values move when one is added
    const std::vector<uint32_t> arguments = items;
    switch (role_of(name)) {
      case GlobalRole::Dict: return make_dict(arguments);
      case GlobalRole::Size:
        if (arguments.size() != 1 || value(arguments[0]).kind != PickleKind::Tuple)
          refuse("its pickle has a torch.Size of no tuple");
        return arguments[0];
      case GlobalRole::Tensor: return make_tensor(arguments, nullptr);
      case GlobalRole::TensorOfDtype:
        if (arguments.size() < 7 || value(arguments[6]).kind != PickleKind::Global)
          refuse("its pickle has a tensor without a dtype");
        return make_tensor(arguments, &value(arguments[6]).text);
      case GlobalRole::Parameter:
        if (arguments.empty() || value(arguments[0]).kind != PickleKind::Tensor)
          refuse("its pickle has a parameter that is not a tensor");
        return arguments[0];
      case GlobalRole::FromType: return make_from_type(arguments);
      case GlobalRole::Inert: {
        const uint32_t opaque = add(PickleKind::Opaque);
        value(opaque).text = name;
        return opaque;
      }
      case GlobalRole::Storage:
      case GlobalRole::Dtype:
      case GlobalRole::Unknown: break;
    }
    refuse("its pickle calls " + in_quotes(name) + ", which is not a function", kRemedyWeights);
  }

  /// OrderedDict() or, by Python 2, OrderedDict([[key, value], ...]); defaultdict(factory).
  uint32_t make_dict(const std::vector<uint32_t>& arguments) {
    const uint32_t dict = add(PickleKind::Dict);
    if (arguments.size() != 1 || value(arguments[0]).kind != PickleKind::List) return dict;
    const std::vector<uint32_t> pairs = value(arguments[0]).items;
    copied_ += pairs.size();
    if (copied_ > kMaxValues)
      refuse("its pickle has more than " + std::to_string(kMaxValues) + " values", kRemedyWeights);
    for (const uint32_t pair : pairs) {
      const PickleValue& both = value(pair);
      if ((both.kind != PickleKind::List && both.kind != PickleKind::Tuple) ||
          both.items.size() != 2)
        refuse("its pickle has a dictionary of no pairs");
      value(dict).items.insert(value(dict).items.end(), both.items.begin(), both.items.end());
    }
    return dict;
  }

  /// (storage, offset, shape, strides, ...)
  uint32_t make_tensor(const std::vector<uint32_t>& arguments, const std::string* dtype) {
    if (arguments.size() < 4 || value(arguments[0]).kind != PickleKind::Storage)
      refuse("its pickle has a tensor without a storage");
    PickleTensor tensor;
    tensor.storage = static_cast<uint32_t>(value(arguments[0]).number);
    const PickleStorage& storage = pickle_.storages[tensor.storage];
    tensor.dtype = dtype ? storage_type(*dtype).dtype : storage.dtype;
    tensor.type = dtype ? *dtype : storage.type;
    tensor.offset = size_of(arguments[1]);
    tensor.shape = sizes_of(arguments[2]);
    tensor.strides = sizes_of(arguments[3]);
    // What torch keeps beside the numbers: signs that are to be turned (neg, conj).
    const size_t metadata = dtype ? 7 : 6;
    if (arguments.size() > metadata && value(arguments[metadata]).kind == PickleKind::Dict &&
        !value(arguments[metadata]).items.empty())
      refuse("its pickle has a tensor whose numbers are to be negated or conjugated",
             "save a plain copy of each tensor: {k: v.resolve_neg().resolve_conj().clone() ...}");
    if (tensor.shape.size() != tensor.strides.size())
      refuse("its pickle has a tensor with another number of strides than of dimensions");
    pickle_.tensors.push_back(std::move(tensor));
    if (pickle_.tensors.size() > kMaxTensorsOfPickle)
      refuse("its pickle has more than " + std::to_string(kMaxTensorsOfPickle) + " tensors",
             kRemedyWeights);
    return add_number(PickleKind::Tensor, static_cast<int64_t>(pickle_.tensors.size() - 1));
  }

  uint64_t size_of(uint32_t index) {
    const PickleValue& number = value(index);
    if (number.kind != PickleKind::Int || number.number < 0)
      refuse("its pickle has a tensor whose sizes are not non-negative integers");
    return static_cast<uint64_t>(number.number);
  }

  std::vector<size_t> sizes_of(uint32_t index) {
    const PickleValue& tuple = value(index);
    if (tuple.kind != PickleKind::Tuple) refuse("its pickle has a tensor without a shape");
    if (tuple.items.size() > kMaxRank)
      refuse("its pickle has a tensor of " + std::to_string(tuple.items.size()) + " dimensions",
             kRemedyWeights);
    std::vector<size_t> sizes;
    for (const uint32_t item : tuple.items) sizes.push_back(static_cast<size_t>(size_of(item)));
    return sizes;
  }

  /// (function, type, its arguments, state): a tensor with attributes.
  uint32_t make_from_type(const std::vector<uint32_t>& arguments) {
    if (arguments.size() < 3 || value(arguments[0]).kind != PickleKind::Global ||
        value(arguments[2]).kind != PickleKind::Tuple) {
      refuse("its pickle has a tensor of no type");
    }
    const std::string& global = value(arguments[0]).text;
    const GlobalRole role = role_of(global);
    if (role != GlobalRole::Tensor && role != GlobalRole::TensorOfDtype &&
        role != GlobalRole::Parameter)
      refuse("its pickle has a tensor of no type");
    return result_of(global, value(arguments[2]).items);
  }

  /// ("storage", type, key, location, elements), in old files also None or (key of the view,
  /// offset, elements).
  void push_storage() {
    const PickleValue& tuple = value(pop());
    const auto item = [&](size_t i) -> const PickleValue& { return value(tuple.items[i]); };
    const bool good = tuple.kind == PickleKind::Tuple && tuple.items.size() >= 5 &&
                      item(0).kind == PickleKind::Text && item(0).text == "storage" &&
                      item(1).kind == PickleKind::Global &&
                      role_of(item(1).text) == GlobalRole::Storage &&
                      item(2).kind == PickleKind::Text && item(2).text.size() <= kMaxKey &&
                      item(4).kind == PickleKind::Int && item(4).number >= 0;
    if (!good) refuse("its pickle refers to something that is not a storage", kRemedyWeights);
    PickleStorage storage;
    storage.key = item(2).text;
    storage.type = item(1).text;
    const StorageType type = storage_type(item(1).text);
    storage.dtype = type.dtype, storage.width = type.width;
    storage.elements = static_cast<uint64_t>(item(4).number);
    if (tuple.items.size() > 5 && item(5).kind == PickleKind::Tuple) {
      const std::vector<uint32_t>& view = item(5).items;
      if (view.size() != 3) refuse("its pickle has a view of something that is not a storage");
      storage.offset = size_of(view[1]);
    }
    if (pickle_.storages.size() >= kMaxStorages)
      refuse("its pickle has more than " + std::to_string(kMaxStorages) + " storages",
             kRemedyWeights);
    pickle_.storages.push_back(std::move(storage));
    push(add_number(PickleKind::Storage, static_cast<int64_t>(pickle_.storages.size() - 1)));
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
      case 0x94: memoize(memo_.size()); break;
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
        call(callee, arguments);
        break;
      }
      case 'b': build(); break;
      case 'Q': push_storage(); break;
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
  const PickleRefusal& refuse_;
  size_t at_ = 0;
  bool stopped_ = false;
  uint32_t none_ = 0;
  Pickle pickle_;
  std::vector<uint32_t> stack_;
  std::vector<size_t> marks_;
  size_t copied_ = 0;  // pairs, from lists into dictionaries
  std::unordered_map<uint64_t, uint32_t> memo_;
};

}  // namespace

Pickle read_pickle(const char* bytes, size_t size, const PickleRefusal& refuse) {
  return Unpickler(bytes, size, refuse).run();
}

}  // namespace vitro::converter
