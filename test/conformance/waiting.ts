/** Cases that fail for want of a feature or a mend, each with what it waits for. A case that passes is taken out. */
export const waiting: Readonly<Record<number, string>> = {
  17: "a model's own limit of rows is not known: config.pbtxt is not read",
};
