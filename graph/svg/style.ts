/**
 * Colours of Okabe and Ito, which the colour-blind tell apart too, and nothing is told by colour alone. Plain rules without
 * variables, which every renderer of SVG knows; those that know no dark mode show the light one, on its own ground.
 */
const LIGHT = {
    ".ground": "fill:#ffffff",
    ".text": "fill:#1b1f24",
    ".quiet": "fill:#57606a",
    ".panel": "fill:#f6f8fa;stroke:#8c959f",
    ".mesh": "fill:#eef7f3;stroke:#009e73",
    ".namespace": "fill:#f6f8fa;stroke:#8c959f",
    ".service": "fill:#ffffff;stroke:#0072b2",
    ".host": "fill:#fff8e6;stroke:#b87f00",
    ".outside": "fill:#ffffff;stroke:#8c959f",
    ".gateway": "fill:#0072b2;stroke:#0072b2",
    ".way": "stroke:#57606a",
    ".call": "stroke:#0072b2",
    ".refused": "stroke:#c25300",
    ".past": "stroke:#57606a",
    ".head-way": "fill:#57606a",
    ".head-call": "fill:#0072b2",
    ".mark": "fill:#ffffff",
};

const DARK: typeof LIGHT = {
    ".ground": "fill:#0d1117",
    ".text": "fill:#e6edf3",
    ".quiet": "fill:#9ea7b3",
    ".panel": "fill:#161b22;stroke:#6e7681",
    ".mesh": "fill:#0c1f1a;stroke:#2fb58c",
    ".namespace": "fill:#161b22;stroke:#6e7681",
    ".service": "fill:#0d1117;stroke:#56b4e9",
    ".host": "fill:#2a2105;stroke:#e69f00",
    ".outside": "fill:#0d1117;stroke:#6e7681",
    ".gateway": "fill:#56b4e9;stroke:#56b4e9",
    ".way": "stroke:#9ea7b3",
    ".call": "stroke:#56b4e9",
    ".refused": "stroke:#f0883e",
    ".past": "stroke:#9ea7b3",
    ".head-way": "fill:#9ea7b3",
    ".head-call": "fill:#56b4e9",
    ".mark": "fill:#0d1117",
};

const ALWAYS = [
    "text{font-family:system-ui,-apple-system,'Segoe UI','Noto Sans',Arial,sans-serif;font-size:12px}",
    ".mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:11.5px}",
    ".title{font-size:20px;font-weight:600}",
    ".strong{font-weight:600}",
    ".small{font-size:11px}",
    ".line{fill:none;stroke-width:1.5;stroke-linejoin:round}",
    ".dashed{stroke-dasharray:6 4}",
    ".dotted{stroke-dasharray:1.5 4;stroke-linecap:round}",
];

const rules = (colours: typeof LIGHT): string[] => Object.entries(colours).map(([what, how]) => `${what}{${how}}`);

/** The text of the style element. @param schemes which colours: both, as whoever looks prefers, or one for a test */
export function styles(schemes: "both" | "light" | "dark" = "both"): string[] {
    return [
        ...ALWAYS,
        ...rules(schemes === "dark" ? DARK : LIGHT),
        ...(schemes === "both" ? ["@media (prefers-color-scheme: dark){", ...rules(DARK), "}"] : []),
    ];
}
