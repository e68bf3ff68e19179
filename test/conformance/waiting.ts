/** Cases that fail for want of a feature, each with what it waits for. */
export const waiting: Readonly<Record<number, string>> = {};
