import { serverFaultText } from '../../src/domain/mail-ports';

it('R-BOX-4: a server that is waited for in vain may want another security on that port', () => {
  const hint = (port: number, security: 'tls' | 'ssl' | 'none', fault: 'timeout' | 'refused' = 'timeout') =>
    /Perhaps port \d+ .*/.exec(serverFaultText(fault, { port, security }))?.[0];
  expect(hint(143, 'ssl')).toBe('Perhaps port 143 is for another security: try TLS.');
  expect(hint(993, 'none')).toBe('Perhaps port 993 is for another security: try SSL.');
  expect(hint(1993, 'tls')).toBe('Perhaps port 1993 is for another security: try SSL.');
  for (const [port, security] of [
    [993, 'ssl'],
    [995, 'tls'],
    [143, 'tls'],
    [110, 'none'],
  ] as const)
    expect(hint(port, security)).toBeUndefined();
  expect(hint(143, 'ssl', 'refused')).toBeUndefined();
});
