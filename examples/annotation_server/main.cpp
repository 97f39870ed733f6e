// SPDX-License-Identifier: BSL-1.0
// Serves batch annotation jobs over HTTP: the REST API on Boost.Beast, an annotator behind it, keys, a log and signals
// around it. docs/annotation_server.md says how to run it.
#include "command_line.hpp"
#include "server.hpp"

#if defined(ANNOTATION_SERVER_HAS_OCR)
#include "annotate_images/inner_threads.hpp"
#endif

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <variant>

namespace annotation_server {
namespace {

constexpr int cannot_start = 2;

int wrong(std::string const& text) {
    std::cerr << "annotation_server: " << text << '\n';
    return cannot_start;
}

/// Each connection is a file, and 1,024 are soon used up.
void allow_many_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char** arguments) try {
    auto const parsed = parse_command_line(count, arguments);
    if (auto const* help = std::get_if<HelpWanted>(&parsed)) {
        std::cout << help->text << '\n';
        return 0;
    }
    if (auto const* error = std::get_if<UsageError>(&parsed))
        return wrong(error->text + "\nTry: annotation_server --help");
    auto const& line = std::get<CommandLine>(parsed);
#if defined(ANNOTATION_SERVER_HAS_OCR)
    if (line.annotator == AnnotatorName::ocr) annotate_images::start_over_without_inner_threads(arguments);
#endif
    std::signal(SIGPIPE, SIG_IGN);  // who reads the log may go away
    allow_many_files();

    Server server{line};
    std::cout << "annotation_server: ready at " << server.url() << std::endl;
    return server.run();
} catch (std::exception const& failure) {
    return wrong(failure.what());
}

}  // namespace
}  // namespace annotation_server

int main(int count, char** arguments) { return annotation_server::main(count, arguments); }
