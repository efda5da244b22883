/** Okabe and Ito's palette, told apart by eyes of every kind: as it is readable on white, and on the dark surface. */
const palette = {
  blue: ['#0072b2', '#56b4e9'],
  orange: ['#c24e00', '#f5935a'],
  green: ['#007a5a', '#35c79b'],
  purple: ['#7f55a8', '#c3a1e6'],
  red: ['#c0311b', '#ff8a75'],
  grey: ['#667280', '#a3adb8'],
} as const;
export type ChartColour = keyof typeof palette;

const night = matchMedia('(prefers-color-scheme: dark)');

function isDark(): boolean {
  const theme = document.documentElement.dataset.bsTheme;
  return theme === 'dark' || (theme !== 'light' && night.matches);
}

export const chartColour = (name: ChartColour): string => palette[name][isDark() ? 1 : 0];

/** Calls back when light turns to dark or back, by the switch of the page or of the system, until the result is called. */
export function onThemeChange(redraw: () => void): () => void {
  night.addEventListener('change', redraw);
  const observer = new MutationObserver(redraw);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-bs-theme'] });
  return () => {
    night.removeEventListener('change', redraw);
    observer.disconnect();
  };
}
