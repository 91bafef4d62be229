import fc from 'fast-check';
import { foldReceipts, outranks, type ReceiptFact, type ReceiptStatus } from '../../src/domain/receipts';

const statuses: ReceiptStatus[] = ['sent', 'delivered', 'read', 'failed'];
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second));
const fact = (status: ReceiptStatus, second: number): ReceiptFact => ({ status, at: at(second) });

const facts = fc.array(
  fc.record({ status: fc.constantFrom(...statuses), at: fc.integer({ min: 0, max: 59 }).map(at) }),
);

describe('receipts', () => {
  it.each<[string, ReceiptFact[], ReceiptStatus | undefined]>([
    ['nothing', [], undefined],
    ['sent', [fact('sent', 1)], 'sent'],
    ['delivered after sent', [fact('sent', 1), fact('delivered', 2)], 'delivered'],
    ['read before delivered', [fact('read', 3), fact('delivered', 2)], 'read'],
    ['failed after sent', [fact('sent', 1), fact('failed', 2)], 'failed'],
    ['a late failed loses against delivered', [fact('delivered', 1), fact('failed', 9)], 'delivered'],
  ])('R-LOG-1: %s', (_name, given, expected) => {
    expect(foldReceipts(given).status).toBe(expected);
  });

  it('takes a read message as delivered and sent when those receipts never came', () => {
    expect(foldReceipts([fact('read', 5)])).toEqual({
      status: 'read',
      sentAt: at(5),
      deliveredAt: at(5),
      readAt: at(5),
      failedAt: undefined,
    });
  });

  it('keeps when it failed although a delivery outranks it', () => {
    expect(foldReceipts([fact('failed', 2), fact('delivered', 4)])).toMatchObject({
      failedAt: at(2),
      sentAt: at(4),
    });
  });

  it('does not depend on order or doubles', () => {
    fc.assert(
      fc.property(
        facts.chain((given) =>
          fc.record({
            given: fc.constant(given),
            mixed: fc.shuffledSubarray([...given, ...given], { minLength: given.length * 2 }),
          }),
        ),
        ({ given, mixed }) => {
          expect(foldReceipts(mixed)).toEqual(foldReceipts(given));
        },
      ),
    );
  });

  it('never goes back when one more fact arrives', () => {
    fc.assert(
      fc.property(facts, fc.constantFrom(...statuses), (given, status) => {
        const before = foldReceipts(given).status;
        const after = foldReceipts([...given, fact(status, 30)]).status;
        expect(after).toBe(outranks(status, before) ? status : before);
      }),
    );
  });
});
