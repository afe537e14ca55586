// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/json_guard.h"

#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"

namespace vitro::converter {
namespace {

class Guard : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Guard(const JsonLimits& limits) : limits_(limits) {}

  std::string fault;

  bool null() override { return count(); }
  bool boolean(bool) override { return count(); }
  bool number_integer(number_integer_t) override { return count(); }
  bool number_unsigned(number_unsigned_t) override { return count(); }
  bool number_float(number_float_t, const string_t&) override { return count(); }
  bool string(string_t&) override { return count(); }
  bool binary(binary_t&) override { return count(); }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return open();
  }
  bool end_object() override {
    keys_.pop_back();
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    fault = "has " + in_quotes(name) + " twice";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    fault = "is not well-formed JSON (at byte " + std::to_string(position) + ")";
    return false;
  }

 private:
  bool open() {
    if (++depth_ <= limits_.depth) return count();
    fault = "is nested too deeply";
    return false;
  }
  bool count() {
    if (++values_ <= limits_.values) return true;
    fault = "has more than " + std::to_string(limits_.values) + " values";
    return false;
  }

  const JsonLimits limits_;
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  size_t depth_ = 0, values_ = 0;
};

}  // namespace

std::string json_fault(const std::string& text, const JsonLimits& limits) {
  Guard guard(limits);
  const bool good = nlohmann::json::sax_parse(text, &guard);
  return !good && guard.fault.empty() ? "is not well-formed JSON" : guard.fault;
}

}  // namespace vitro::converter
