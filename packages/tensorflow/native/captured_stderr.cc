// A small addon of its own, without TensorFlow: catches what is written to
// stderr while JavaScript runs a function. libtensorflow greets processors with
// AVX-512 as soon as it is loaded, before any code of the big addon can run and
// whatever TF_CPP_MIN_LOG_LEVEL says.
#include <node_api.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

std::string ReadAll(std::FILE* file) {
  std::string text;
  char piece[4096];
  std::rewind(file);
  for (size_t count; (count = std::fread(piece, 1, sizeof piece, file)) > 0;) text.append(piece, count);
  return text;
}

// capture(action): calls action, returns the text that went to stderr. What
// action throws is thrown on, and the text printed after all.
napi_value Capture(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value action, receiver, result;
  if (napi_get_cb_info(env, info, &count, &action, nullptr, nullptr) != napi_ok) return nullptr;
  if (napi_get_undefined(env, &receiver) != napi_ok) return nullptr;

  std::fflush(stderr);
  std::FILE* file = std::tmpfile();
  const int saved = file == nullptr ? -1 : dup(STDERR_FILENO);
  const bool caught = saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0;

  const napi_status status = napi_call_function(env, receiver, action, 0, nullptr, nullptr);

  std::fflush(stderr);
  if (caught) dup2(saved, STDERR_FILENO);
  if (saved >= 0) close(saved);
  const std::string text = caught ? ReadAll(file) : "";
  if (file != nullptr) std::fclose(file);
  if (status != napi_ok) {
    std::fputs(text.c_str(), stderr);
    return nullptr;
  }
  if (napi_create_string_utf8(env, text.c_str(), text.size(), &result) != napi_ok) return nullptr;
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value capture;
  if (napi_create_function(env, "capture", NAPI_AUTO_LENGTH, Capture, nullptr, &capture) != napi_ok) return nullptr;
  if (napi_set_named_property(env, exports, "capture", capture) != napi_ok) return nullptr;
  return exports;
}
