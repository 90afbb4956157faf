// SPDX-License-Identifier: Apache-2.0
#include "dbus/errors.hpp"

#include <cerrno>
#include <utility>

namespace podsd::dbus {

namespace {

struct Meaning {
  std::string_view name;
  int code;
};

constexpr Meaning meanings[] = {
    {error_property_read_only, EROFS},
    {error_unit_exists, EEXIST},
    {"org.freedesktop.systemd1.NoSuchUnit", ENOENT},
    {"org.freedesktop.systemd1.NoSuchProcess", ESRCH},
    {"org.freedesktop.systemd1.NotReferenced", EUNATCH},
    {"org.freedesktop.systemd1.AlreadySubscribed", EINVAL},
    {"org.freedesktop.systemd1.ShuttingDown", ECANCELED},
    {"org.freedesktop.systemd1.TransactionIsDestructive", EDEADLK},
    {"org.freedesktop.DBus.Error.UnixProcessIdUnknown", ESRCH},
    {"org.freedesktop.DBus.Error.FileExists", EEXIST},
    {"org.freedesktop.DBus.Error.FileNotFound", ENOENT},
    {"org.freedesktop.DBus.Error.ServiceUnknown", EHOSTUNREACH},
    {"org.freedesktop.DBus.Error.NameHasNoOwner", EHOSTUNREACH},
    {"org.freedesktop.DBus.Error.UnknownObject", ENOENT},
    {"org.freedesktop.DBus.Error.UnknownProperty", ENOENT},
    {"org.freedesktop.DBus.Error.UnknownInterface", ENOENT},
    {"org.freedesktop.DBus.Error.UnknownMethod", EOPNOTSUPP},
    {"org.freedesktop.DBus.Error.InvalidArgs", EINVAL},
    {"org.freedesktop.DBus.Error.AccessDenied", EACCES},
    {"org.freedesktop.DBus.Error.NoMemory", ENOMEM},
    {"org.freedesktop.DBus.Error.LimitsExceeded", ENOBUFS},
    {"org.freedesktop.DBus.Error.Disconnected", ENOTCONN},
    {"org.freedesktop.DBus.Error.NoServer", ENOTCONN},
    {"org.freedesktop.DBus.Error.NoReply", ETIMEDOUT},
    {"org.freedesktop.DBus.Error.Timeout", ETIMEDOUT},
    {"org.freedesktop.DBus.Error.TimedOut", ETIMEDOUT},
    // sd-bus names an errno without a D-Bus name of its own after its symbol.
    {"System.Error.ESRCH", ESRCH},
    {"System.Error.EEXIST", EEXIST},
    {"System.Error.EBUSY", EBUSY},
    {"System.Error.EROFS", EROFS},
    {"System.Error.ENODEV", ENODEV},
    {"System.Error.ETIMEDOUT", ETIMEDOUT},
    {"System.Error.ENOTCONN", ENOTCONN},
    {"System.Error.ECONNRESET", ECONNRESET},
    {"System.Error.ECONNREFUSED", ECONNREFUSED},
};

}  // namespace

int errno_of(std::string_view error_name) {
  for (const auto& meaning : meanings) {
    if (meaning.name == error_name) return meaning.code;
  }
  return 0;
}

Error to_error(const sdbus::Error& error, const std::string& method, std::string subject) {
  std::string text = error.getMessage().empty() ? error.getName() : error.getMessage();
  while (!text.empty() && (text.back() == '.' || text.back() == '\n')) text.pop_back();
  return Error{method + ": " + text, std::move(subject), errno_of(error.getName()), nullptr};
}

Error no_bus(const std::string& method, std::string subject) {
  return Error{method + ": no connection to the bus", std::move(subject), ENOTCONN, nullptr};
}

}  // namespace podsd::dbus
