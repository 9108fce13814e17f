/** What a list is narrowed by: a field to search in, and choices. */
import { useId } from 'react';
import { operatorStrings } from '../../app/operatorStrings';
import { TextField } from '../ui/TextField';
import styles from './Lists.module.css';

interface SearchProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function Search({ label, value, onChange }: SearchProps) {
  return (
    <div className={styles.search}>
      <TextField
        label={label}
        type="search"
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  options: readonly string[];
  names: Readonly<Record<string, string>>;
  value: string;
  onChange: (value: string) => void;
  /** What it is called when nothing is chosen. */
  all?: string;
}

export function Choice({ label, options, names, value, onChange, all }: ChoiceProps) {
  const id = useId();
  return (
    <div className={styles.choice}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <select
        id={id}
        className={styles.select}
        value={options.includes(value) ? value : ''}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">{all ?? operatorStrings().everything}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {names[option]}
          </option>
        ))}
      </select>
    </div>
  );
}
