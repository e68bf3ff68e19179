/**
 * The only room that speaks to an API server: get, list, watch, apply. It knows objects and not what they are for; what a service
 * is to have there, `manifests` says.
 */
export {};
