export const reportOf = (x: object): object => x;
export const reportText = (_x: object): string => '';
