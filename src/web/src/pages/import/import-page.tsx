import { CircleCheck, Download, FileUp } from 'lucide-react';
import { useEffect, useId, useMemo, useState } from 'react';
import type { CallResult } from '../../api';
import { paths } from '../../paths';
import { useAction, useMe } from '../../queries';
import {
  Badge,
  Button,
  ButtonLink,
  EmptyState,
  ErrorState,
  focusOn,
  FormError,
  LoadingRows,
  NotFound,
  Page,
  PageHeader,
  SelectField,
} from '../../ui';
import {
  faultText,
  fields,
  guessMapping,
  toBody,
  toPerson,
  withFaults,
  type Field,
  type Mapping,
} from './mapping';
import { decode, isWorkbook, mostRows, parseTable, toCsv, type ReadTable } from './read-csv';
import { importText as words } from './text';

type Preview = CallResult<'POST /api/v1/people/import/preview'>;
type Result = CallResult<'POST /api/v1/people/import'>;
type Imported = { result: Result; mapping: Mapping };

/** R-SEND-8: people from a file. What will happen to each row is shown before anything does. */
export function ImportPage() {
  const { permissions } = useMe();
  const [table, setTable] = useState<ReadTable | null>(null);
  const [done, setDone] = useState<Imported | null>(null);
  if (!permissions.editPeople) return <NotFound />;
  return (
    <Page header={<PageHeader title={words.title} back={{ href: paths.people(), label: words.back }} />}>
      {done && table ? (
        <Done table={table} {...done} />
      ) : table ? (
        <Check table={table} onBack={() => setTable(null)} onDone={setDone} />
      ) : (
        <ChooseFile onChosen={setTable} />
      )}
    </Page>
  );
}

function ChooseFile({ onChosen }: { onChosen: (table: ReadTable) => void }) {
  const id = useId();
  const [fault, setFault] = useState<string | null>(null);
  async function read(file: File | undefined) {
    if (!file) return;
    const bytes = await file.arrayBuffer();
    if (isWorkbook(bytes)) return setFault(words.workbook);
    const table = parseTable(decode(bytes));
    if (table.brokenRow !== null) setFault(words.brokenQuotes(table.brokenRow));
    else if (table.rows.length === 0) setFault(words.empty);
    else if (table.rows.length > mostRows) setFault(words.tooMany(table.rows.length));
    else onChosen(table);
  }
  return (
    <div
      className="mx-auto max-w-xl rounded-2xl border-2 border-dashed border-line-strong p-8 text-center"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void read(event.dataTransfer.files[0]);
      }}
    >
      <FileUp aria-hidden className="mx-auto mb-3 size-8 text-accent-text" />
      <label htmlFor={id} className="font-display text-lg font-semibold">
        {words.choose}
      </label>
      <p className="mt-1 mb-4 text-ink-2">
        {words.chooseHint} {words.drop}
      </p>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        aria-describedby={fault ? `${id}-fault` : undefined}
        aria-invalid={fault ? true : undefined}
        className="max-w-full file:mr-3 file:h-10 file:cursor-pointer file:rounded-lg file:border file:border-solid file:border-line-strong file:bg-surface file:px-4 file:font-medium"
        onChange={(event) => void read(event.target.files?.[0])}
      />
      {fault && (
        <p id={`${id}-fault`} role="alert" className="mt-3 text-danger">
          {fault}
        </p>
      )}
    </div>
  );
}

function Check({
  table,
  onBack,
  onDone,
}: {
  table: ReadTable;
  onBack: () => void;
  onDone: (done: Imported) => void;
}) {
  const [mapping, setMapping] = useState<Mapping>(() => guessMapping(table.headers));
  const body = useMemo(() => toBody(table, mapping), [table, mapping]);
  const preview = useAction('POST /api/v1/people/import/preview');
  const run = useAction('POST /api/v1/people/import', {
    refresh: ['GET /api/v1/people', 'GET /api/v1/people/count'],
    onSuccess: (result) => onDone({ result, mapping }),
  });
  const { mutate } = preview;
  useEffect(() => mutate({ body }), [mutate, body]);
  const ready = preview.data ? preview.data.created + preview.data.updated : 0;
  return (
    <div className="max-w-6xl space-y-8">
      <Columns table={table} mapping={mapping} onChange={setMapping} />
      {preview.isPending && <LoadingRows rows={4} />}
      {preview.error && <ErrorState error={preview.error} onRetry={() => mutate({ body })} />}
      {preview.data && !preview.isPending && <Rows table={table} mapping={mapping} preview={preview.data} />}
      <FormError error={run.error} />
      <div className="flex flex-wrap gap-2">
        <Button
          variant="primary"
          busy={run.isPending}
          disabled={preview.isPending || ready === 0}
          onClick={() => run.mutate({ body })}
        >
          {words.submit(ready)}
        </Button>
        <Button onClick={onBack}>{words.another}</Button>
      </div>
    </div>
  );
}

function Columns({
  table,
  mapping,
  onChange,
}: {
  table: ReadTable;
  mapping: Mapping;
  onChange: (mapping: Mapping) => void;
}) {
  const id = useId();
  const options = [
    { value: '', label: words.leaveOut },
    ...fields.map((field) => ({ value: field, label: words.fields[field] })),
  ];
  return (
    <section aria-labelledby={id}>
      <h2 id={id} ref={focusOn} tabIndex={-1} className="font-display text-lg font-semibold outline-none">
        {words.columns}
      </h2>
      <p className="mb-3 text-ink-2">{words.columnsHint}</p>
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {table.headers.map((header, index) => (
          <SelectField
            key={index}
            label={header || words.column(String(index + 1))}
            value={mapping[index] ?? ''}
            options={options}
            hint={table.rows[0]?.[index]}
            onChange={(event) =>
              onChange(
                mapping.map((one, at) =>
                  at === index ? ((event.target.value || null) as Field | null) : one,
                ),
              )
            }
          />
        ))}
      </div>
      {mapping.includes('consent') && !mapping.includes('evidence') && (
        <p className="mt-3 text-warn">{words.consentNeedsEvidence}</p>
      )}
    </section>
  );
}

const shownAtOnce = 100;

function Rows({ table, mapping, preview }: { table: ReadTable; mapping: Mapping; preview: Preview }) {
  const id = useId();
  const [onlyFaulty, setOnlyFaulty] = useState(false);
  const [shown, setShown] = useState(shownAtOnce);
  const rows = useMemo(
    () =>
      preview.rows.map((row) => {
        const cells = table.rows[row.index] ?? [];
        const { person, consentFault } = toPerson(cells, mapping);
        const notes = [
          ...[...row.errors, ...row.warnings].map((fault) => faultText(fault, person)),
          ...(consentFault === null ? [] : [words.consentFaults[consentFault]]),
          ...(cells.slice(table.headers.length).some(Boolean) ? [words.moreCells] : []),
        ];
        return { ...row, notes };
      }),
    [preview, table, mapping],
  );
  const faulty = rows.filter(({ notes }) => notes.length > 0);
  const listed = onlyFaulty ? faulty : rows;
  return (
    <section aria-labelledby={id}>
      <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
        <h2 id={id} className="font-display text-lg font-semibold">
          {words.rows}
        </h2>
        <p role="status" className="text-ink-2">
          {words.summary(preview.created, preview.updated, preview.failed)}
        </p>
        <span className="flex gap-2">
          <Button size="sm" aria-pressed={!onlyFaulty} onClick={() => setOnlyFaulty(false)}>
            {words.all(rows.length)}
          </Button>
          <Button size="sm" aria-pressed={onlyFaulty} onClick={() => setOnlyFaulty(true)}>
            {words.faulty(faulty.length)}
          </Button>
        </span>
      </div>
      <div
        className="overflow-x-auto rounded-xl border border-line"
        tabIndex={0}
        role="group"
        aria-labelledby={id}
      >
        <table className="w-full text-left text-[0.9rem]">
          <thead className="bg-sunken">
            <tr>
              <th className="px-3 py-2 font-medium">{words.row}</th>
              <th className="px-3 py-2 font-medium">{words.what}</th>
              {table.headers.map((header, index) => (
                <th key={index} className="px-3 py-2 font-medium">
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {listed.slice(0, shown).map((row) => (
              <tr key={row.index} className="align-top">
                <td className="px-3 py-2 text-ink-2 tabular-nums">{table.numbers[row.index]}</td>
                <td className="min-w-56 px-3 py-2">
                  <Badge tone={row.outcome === 'failed' ? 'danger' : row.notes.length > 0 ? 'warn' : 'ok'}>
                    {row.outcome === 'updated' ? words.updated(row.person?.name ?? '') : words[row.outcome]}
                  </Badge>
                  {row.notes.map((note) => (
                    <p key={note} className="mt-1 first-letter:uppercase">
                      {note}
                    </p>
                  ))}
                </td>
                {table.headers.map((_, column) => (
                  <td key={column} className="max-w-60 truncate px-3 py-2">
                    {table.rows[row.index]?.[column]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {listed.length > shown && (
        <Button className="mt-3" onClick={() => setShown(shown + 5 * shownAtOnce)}>
          {words.more}
        </Button>
      )}
    </section>
  );
}

function Done({ table, result, mapping }: Imported & { table: ReadTable }) {
  const faults = new Map(
    result.rows
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ index, errors }) => {
        const { person } = toPerson(table.rows[index] ?? [], mapping);
        return [index, errors.map((fault) => faultText(fault, person)).join('; ')];
      }),
  );
  function download() {
    const csv = `\uFEFF${toCsv(withFaults(table, faults, words.fault))}`;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv;charset=utf-8' }));
    link.download = 'left-out.csv';
    link.click();
    URL.revokeObjectURL(link.href);
  }
  return (
    <EmptyState
      takesFocus
      icon={<CircleCheck className="size-6" />}
      title={words.done}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          {faults.size > 0 && (
            <Button icon={<Download aria-hidden className="size-4" />} onClick={download}>
              {words.download}
            </Button>
          )}
          <ButtonLink variant="primary" href={paths.people()}>
            {words.toPeople}
          </ButtonLink>
        </div>
      }
    >
      {words.doneSummary(result.created, result.updated, result.failed)}
    </EmptyState>
  );
}
