// Shows the OpenAPI description; no request leaves this server.
const place = document.getElementById("api");
SwaggerUIBundle({ url: place.dataset.openapi, domNode: place, deepLinking: true, validatorUrl: null, defaultModelsExpandDepth: 0 });
