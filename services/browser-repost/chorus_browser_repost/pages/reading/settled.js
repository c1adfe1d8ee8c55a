// Whether the page is at rest, as far as it can tell: -> {…about}.
return awaited((late) => (late ? about() : null));
