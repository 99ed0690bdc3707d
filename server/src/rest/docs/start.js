SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#interface",
  deepLinking: true,
  // The server's own check of the description is in its tests; this one would ask a machine elsewhere.
  validatorUrl: null,
});
