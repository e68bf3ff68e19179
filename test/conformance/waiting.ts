/** Cases that fail for want of a feature or a mend, each with what it waits for. A case that passes is taken out. */
export const waiting: Readonly<Record<number, string>> = {
  17: "a model's own limit of rows is not known: config.pbtxt is not read",
  81: 'answers are not compressed yet',
  90: 'a full queue is told in other words than clients of Triton know',
  91: 'the parameter timeout has no effect yet',
  113: 'a client that watches the health holds up the end of the server',
  136: '/v2/health/ready stays 200 while the server drains',
};
