// SPDX-License-Identifier: BSL-1.0
#include "routes.hpp"

#include <batchpace/http/origin_guard.hpp>
#include <batchpace/http/problem.hpp>

#include <memory>
#include <utility>

namespace annotation_server {
namespace {

namespace http = batchpace::http;

class Routes {
public:
    Routes(Parts parts, http::OriginOptions origins) : parts_{std::move(parts)}, guard_{std::move(origins)} {}

    void answer(http::Request request, http::Respond respond) const {
        // The API has a guard of its own.
        if (parts_.service.owns(request.target)) return parts_.service.answer(std::move(request), std::move(respond));
        bool const of_session = Session::owns(request.target), of_pictures = Pictures::owns(request.target);
        if (of_session || of_pictures)
            if (auto const refused = guard_.refuse(request)) return respond(refused->response());
        if (of_session) return respond(parts_.session.answer(request));
        if (of_pictures && parts_.pictures) return parts_.pictures->answer(std::move(request), std::move(respond));
        if (of_pictures)
            return respond(http::Problem{404, "no-pictures", "This server has no folder of pictures",
                                         "Its operator can name one with --images"}
                               .response());
        if (parts_.page)
            if (auto file = (*parts_.page)(request)) return respond(*std::move(file));
        respond(http::Problem{404, "unknown-path", "There is nothing at this path",
                              "The API is below /api/batch/annotations"}
                    .response());
    }

private:
    Parts parts_;
    http::OriginGuard guard_;
};

}  // namespace

http::Handler routes(Parts parts, http::OriginOptions origins) {
    return [all = std::make_shared<Routes const>(std::move(parts), std::move(origins))](
               http::Request request, http::Respond respond) { all->answer(std::move(request), std::move(respond)); };
}

}  // namespace annotation_server
