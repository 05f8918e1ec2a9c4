import type { JSX } from 'preact';
import type { Entered } from '../route.js';

interface FieldMarks {
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: 'true';
  readonly autofocus?: true;
}

/** The attributes of a field: those that mark it where it is wrong. @param hint ID of its hint */
export function marked(entered: Entered | undefined, field: string, id: string, hint?: string): FieldMarks {
  const isWrong = entered?.error.field === field;
  const described = [isWrong ? `${id}-problem` : undefined, hint].filter((each) => each !== undefined).join(' ');
  return {
    ...(described !== '' && { 'aria-describedby': described }),
    ...(isWrong && { 'aria-invalid': 'true', autofocus: true }),
  };
}

/** What is wrong with a field. */
export function Problem(props: {
  readonly entered: Entered | undefined;
  readonly field: string;
  /** ID of the field. */
  readonly id: string;
}): JSX.Element | null {
  const { entered, field, id } = props;
  if (entered?.error.field !== field) return null;
  return (
    <p class="problem" id={`${id}-problem`} role="alert">
      {entered.error.message}
    </p>
  );
}

/** What is wrong with a form, unless one of its fields says so. */
export function FormProblem(props: {
  readonly entered: Entered | undefined;
  readonly fields: readonly string[];
}): JSX.Element | null {
  const { entered, fields } = props;
  if (entered === undefined || fields.includes(entered.error.field ?? '')) return null;
  return (
    <p class="notice bad" role="alert">
      {entered.error.message}
    </p>
  );
}
