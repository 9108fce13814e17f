/** Two soft notes, the second a fourth above the first. They are made here: there is no file to fetch. */

const NOTES = [
  { hertz: 659.3, after: 0 },
  { hertz: 880, after: 0.13 },
] as const;
const SECONDS = 0.5;
const LOUDEST = 0.09;
const SILENT = 0.0001;

export function chime(): void {
  // Browsers let a page be heard only after somebody has used it; until then it would be heard too late.
  if (!('AudioContext' in window) || navigator.userActivation?.hasBeenActive === false) return;
  const audio = new AudioContext();
  for (const { hertz, after } of NOTES) {
    const start = audio.currentTime + after;
    const tone = new OscillatorNode(audio, { type: 'sine', frequency: hertz });
    const volume = new GainNode(audio, { gain: SILENT });
    volume.gain.setValueAtTime(SILENT, start);
    volume.gain.exponentialRampToValueAtTime(LOUDEST, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(SILENT, start + SECONDS);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + SECONDS);
    if (after > 0) tone.onended = () => void audio.close();
  }
}
