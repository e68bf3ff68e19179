/** What lets requests for `*.istio.test` in at Istio's ingress gateway: a Gateway of Istio's, which VirtualServices call `door`. */
export const istioGateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'door' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.istio.test'] }],
  },
};
