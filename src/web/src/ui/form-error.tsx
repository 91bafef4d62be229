import { TriangleAlert } from 'lucide-react';
import type { ApiError } from '../api';

/** What the server said about a form as a whole; `shown`: fields that say their own errors. */
export function FormError({ error, shown = [] }: { error: ApiError | null | undefined; shown?: string[] }) {
  if (!error) return null;
  const errors = error.errors.filter(({ path }) => !shown.includes(path.replace(/^body\./, '')));
  return (
    <div
      role="alert"
      className="flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-[0.93rem] text-danger"
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div>
        <p>{error.detail}</p>
        {errors.length > 0 && (
          <ul className="mt-1 list-disc pl-4">
            {errors.map(({ path, message }) => (
              <li key={path + message}>
                {path ? `${path}: ` : ''}
                {message}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
