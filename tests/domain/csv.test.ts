import { csvLine } from '../../src/domain/csv';

describe('R-LOG-3: a line of CSV', () => {
  it('quotes what would break it', () => {
    expect(csvLine(['a,b', 'say "hi"', 'two\nlines', 'plain', 3, null])).toBe(
      '"a,b","say ""hi""","two\nlines",plain,3,\r\n',
    );
  });

  it.each(['=1+1', '+34 612', '-2', '@SUM(A1)', '\tx', '＝1+1', '＋1', '－1', '＠x'])(
    '%j is a text, not a formula',
    (cell) => {
      expect(csvLine([cell])).toBe(`'${cell}\r\n`);
    },
  );

  it.each(['\r', '\n'])('with %j in front it is no formula either', (start) => {
    expect(csvLine([`${start}=1`])).toBe(`"'${start}=1"\r\n`);
  });
});
