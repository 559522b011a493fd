"""Weights of the networks behind `measure.ageing`, made by `tests/benchmarks/ageing_training.py`.

Trained on ageings simulated over crops of the tuning half's photographs and generated scenes; no
picture that results are reported on was among them. Each of the networks has two hidden layers;
their numbers, 16-bit floats in the order of `networks`, are written below in base 85.
"""

from __future__ import annotations

import base64
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.stages.measure.ageing_signs import COUNT

_NETWORKS = 2
_WIDTHS = (COUNT, 44, 24, 8)


def networks() -> list[list[NDArray[np.float64]]]:
    """The layers of every network.

    Returns:
        for each: middle (COUNT,) and spread (COUNT,) of the signs, then weights (out, in) and
        offsets (out,) of one layer after the other.
    """
    numbers = np.frombuffer(base64.b85decode("".join(_TEXT.split())), "<f2").astype(np.float64)
    shapes: list[tuple[int, ...]] = [(COUNT,), (COUNT,)]
    for into, out in pairwise(_WIDTHS):
        shapes += [(out, into), (out,)]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    parts = np.split(numbers.reshape(_NETWORKS, -1), ends[:-1], axis=1)
    return [
        [part[number].reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        for number in range(_NETWORKS)
    ]


_TEXT = """
<|_9seJ~d;wJ<+2FEK4McQmUs^EE;@P&auvZaJhm%{mi2T|E6fzC9Q|l|C##d_U4Z8bA&}F+fs4JV04Mb3iJmM=U-l!YFyG7A_V
m6fBvpk}xwZbS)&Yo-r~n;VvMs@GnR&#4d@fyemH}Mk^1wZnXHd46Ot%9X1{`0XZ-`qdPV`J3HaIqPc3h4!HKW5xD*?$}he#Y%s
<!r815&&@sd_=rbZTLN#hNo;Ch91UDErGdMOlQaH~zH#tW+Y&ps~vN@|c@;T8txH;rG$2qJy`7jGIzAShxc`{@(DlRH7cQm6ks4
oUE9X3@pnlOqmGB##42r)1*;xsceDli2w3pgn@K{iq}Jv5m$(={kJr!y}zuQ1Cnku{7pku?o89yD(>Eja410y;`Gm$hjnN-?UkN
~|9*X0SCZZm(^#N1{lKJ0>M9Dy}-I(kzuMt*nJALoEa#SgfC`XsOQ}|D{SYhc@Fjd^Iw#v9lOB_%kG|0488A^ex6OHmq~9mnQ!%
QK?Ea`!J3zi6I~~OD#08<0w+F&Z|!-Q!%VGqA7^6@h8YEB&;*8AS)~|NGa&BWUwJDE~YLd7%ea+O(x<iQ=PA@uP6klpcneFnI=O
nv8v@RpC@Xp_%UcJEU{%KV5ZNni?2E@B%wz!-Z-x&F)=wf?zoS)88FB(hb4Eg4m7ne7pPsV{xhmHRjqz3#4-^roU4N{O|3MrDKi
4H3^151^et<vg(;ddS1`jgKr_iP`7^UI1UAk$QM3*)^)TtUWHu%^BD&r*u`(7ehrfLqNG}SslAuhhRvewH2ByBMzoa9s+8{`#)v
r0I$*r3u8xY*ADl5w_tgOB%buII#Q>4|b$}VHD<SzWIa-QlhOsz1Wg`|9^@u);5SfEKNU#^v}RjQmSn5Q-__Nj{!$1IYt3n~_{m
aY)1tFqTDaHp~{=p3Ud<1GRTq^m`$;~}lDdnpGr_N+gsQ4VM@-=%%E$EZ%F122y$VJBKFZ7yuDYOYo+?xDM=dMKbM4XpgFzAS~W
RUE>vRjq(BYOTJoWjLd)X0*vP(YK_yGbanJTL)>V$|O4_Zz9Yn<tMhEAf+EE3$O_vQz{)L0;vqH4lz-#={ZcbGBe+`BB<7`Mk?t
U7o}3ELoE%d-6uh*IwC44Uor-;fUZq6*Q^J$60C9}rnD|F{x2@E0Wc3MvoRVWA*diLKCJMs(kBNkO{Kswaw^=REGEb>`k`_vrze
{zXfXXM>ZTViG_uXN@UDs~0wmg#<u4y9M=;x~-Ydf_yD+#dHnEf>3MB6t{IR4n9h*X~NU~is05%`6LaS{kD6_1nRIu-?MKA6!jx
!@ONi^rQpsuU5D!0uy+bHI=p*3Q=@U#gr!n3;-88er(f~g-fzpX|o$T4fGT%yP<Z7Ps4$}wIojjL8BAtpyHyeB{@)u7?4m8x%``
LkOy@HQhfpEPhVNhv*)EhV=w`>9f^-7fW}`z^OB45}-!8Lhx9Ev=(6i7`;EdM!J(94^8w+A{zvW-Ssk7^+<)EwM7OvMMbl<f~e-
O{&ncxGbJDbFn`(pFHuodAzMSy0<kqHZljWgfOWrBe6>*;2E{Bv?}-`PN!e7j3x)8{};X}Gb&1_e=6ZA@GP#Pim6H@Y#O#D*r!!
EK{kJ&NHH!fnJ^fo4Xer}4<k!1g&icN(ywSHda$i8v@fQx(k&CMhA!J6PBi8xRID~0TdM#rEh0{_LMZUB+^!#_`7i{imN2uc{Uk
Op{IfA8MY0F1NF`b;;GmEyrK8WS7aO1`)U9}=WF{W1XpT7`Zm_4RI4Bb<udaD2%`FZwvaMCDMkeU1doK+qHZ&AEudQ}4v!*^MJS
!EeJ}e_DXQg4U)uD<k-YAG6TCvL=8LKukUMpU!@+6=+lBmnN3MqUj1}~qn&!$hOAT4Ym6t7vWVVk8YvM`u1Z??E8l_hbrC9<oq;
j<-_U$K|5)-R4NO{@Gb0We506)F@kZLkG0HY&QZbugGH`6#0?OE0M~NFW5Pf34=N#j>NdFE|`Gh%`H<?yE~Mbt~Mj399)kjiZIJ
h_It5R4oQ7Unwc18MFm0yfsU+!kptda<1Z~CN6|Ev$vTv)2!{VJF}j!wk^A?AuScK9kEF&mNZ1H=&lAg+O1%vo2v-0ld5kjHXsq
Fj3r>D3oKqElPQj`I4@Kw!7Gt0fG~bCPcY~zo-VX3<Sx%Dt`?snGp)NQ?yF!Sxii=_I3JawU!q<q4J~M-PAdqdilmPt@}<iu!Yt
J&S)gg7%%#JyTqmz7{;^BA%C-ZtD6Ro7u&vu92diAFMl(Y!T&B(|u_-IBM6DgM+ONnnQmUCM9h_}BtP~NbsVuOxcdlqKLA3R=^d
bYVB(5SdOC;#1z%4p6o~@E7s3>Bwu&uVNU@Kd%DJ_I4OD<)vw=BFeP_0?G5xW$ufwic#<+EqBW+bvH4yZ(-gDohmCoUf)Kr#cUx
~>#3K`w<RnyKV6(<DH%zAJvHl`b2$q_9P@aIk(h7c(R?i#7A0mZVy$f;0-K!Lq3;7_byN?=5S#iM9qMZmfN=;ih$^&#3$@SuN9=
`lBr_IwjYp#wal+il>^cFS3i9q7N}G+A~Wy9yuepR+_T2crXI2s3z4d3@n47^{V-=hOpzT@~%vv(y@3Kwy=gTFffg-zN=6#?XZi
iZ!j;hpQ}x&JSzt%`7my;#HHXZC$c0Ym@w!v0xf+wL$#r@-8d4l-zst_c`qF(Un@eS>ZhGD{VQ-PMJ>jt4=5?2Hl?Yck**Y-j4Q
XSfvhpF*eN?L0w*IdMJQLW>@W8&IWy=m)HM;F?=EvMD5NT};;m>WIH~`gq^#N`u&{S6;i`nJ-YWJj7$PRG^(0ohm9m$xhc;L#2e
Sz(@T`q4ZZSl&%&zyW&>p^?U$O2l7c7XW8m_yjQYAgDohl@yo38^X8>(!r3@kq=RxJi4HzB|%J)$-##wbZEBd2s8KBd;Dq$ND9P
@+z)>#I_&QnHP-60q*L(z%PcxS~C&zbc0))hJP^YpCL)g(3{D39UFP*(`CWh^uTRSf@8839VkN&MML{q^?V?$D=Z>*`eR1hMU@@
!Y`eq)hwecj;}<ofi0mV04Q0Y-l*X#b|kp3oGo7|F(^c?Ln#?2lB~5WEGtZ@BBZe><Ru+1YbY2nKQxCl>N6fT&NiYo=rx%%*)qn
oXR6JxW4lngXt`r2IW1Ni5i0knk*)8o8mc$1wk-fJak6eHFQinlH!CJ86eX`RIWG=0BC*%C=CG)(sVcCr#i&Fir!9~(WH30Z{;i
^p9;t@3S}x?W&N8GmYO_Tq?XR{dR4J?}fF)olekr6dpea%;kf;T*GbwGYXf9hGB`16&$R$IqFf5v<PcBoi$ubr+l(fw=jx}1lP_
l)x8LZ_Y^QK}fA*K^32qTyx%dDX=5iw<`!!QG!B(374y(i-<Wv|_<b+yzpEV6a0-YGt;%CQ13uBBox7_m_?fwSf)bun}=&$e!^f
i(`ctT9|OEh(5QAgfa^8?GcEdn_ravL)%ReXVUS<(=BBi!x=TTNQ3DW2-PFx~>qg;h@l~VY1CHbtc3#BsWSp8#RDDoIIT(@t;eo
!KFy0-kkj@@1<%df-9kqn5%FgJ`{niwWgCTUjTopQy@&UeKVG=6)>f+Caf~FR<VpR6E68N5G{r){xnK4$EuC9=df2bv9MyQGA|g
Yr!9ak@+~{1?Xyp?|0sT{N+UEWk1vfY<)Trp<eZ)=oUV7Q8Lt|wYqIjQ#V9r;pD<}PWH@L!z&!LdyD}X*5-QW8cB3Pkj4UN9xhK
-7yr{G%FQtAYBd=v9C#g)TYp@n9x~7PzV;ZYDMJ{73P^Ee?*s}<wA2hHinlcR*3o?1IJut4N!KcX|R3(9~sHbZ%MKY^0Nw$VH`7
ed7ps=a4HLmZpxTNnec(ji$GB#DUo~+*{+pqhnjVWj(9iGvgIWgidd8)@TP_9w3Q9C}XRi-^HZzzbR>9M}B?wjE-Ua}0YeJWlrK
BmsGO);k}P_ss@%`o$k;;YKEU9EsOG^`*r#WYN?eXtra=`;y5X}0L951@-KZZ`P1Z701sF1Nd}yf0*<{V18Qt02cDf-5r~_^kJ+
Q7$*BsU`g^P$u)NhpK)hf+6XaK`Qtxo*+&tKCQ1W*|8q9LOGVTf3ht+2ec5coF2d>-5`i59U?KP$0lj1R-RU<)*y`}0Hw>J6s-F
tcq(wN7#*l3$w4W&u`tB7ny&mV<gXhnO)w9wc`&!7#3*~F$tmZpOe|BaP^tJdAF}(f#xXE0$F-870<Y38VWiugh@<5z5-16(C8R
Pe&mX3<hN<(dYb10VP%R)XI;DoBMJ~LoO0)>A^RbDxcQ?&6Y%LtDsVwcRDKKZ2ccyMA%%_H^2Nwe?qZ!+=E3!T-@2RmVD6yZc$f
vw2F})5rKCio~zOH30*{@lyJ*lWLf-<S9bgV`jMlPc%@F>)vwl1))GO^AsDX>a3P8OE2%c)lju(1cD!Y$vaqA)>^{HKg9#iu4KH
?Ned_9SAiF0k;M&8P{me6abjQ76N;)G|6Ygte7Ba;ZeHqA9^4?Wx?XID>+)Se;8O%`4Wc?ysGwHK~uREUrW>>8QW2dp0(;d9!;t
DKV(E`6}(P8ziu*Z6{TzHmNeRST6mkN;K}WYN#+S$+qh>fT`@GS}^3OwyYT~LNKPTZK`W6`=W8Ihp+gov8Na?<1Sz@|Db>+swnL
+wJeJ$=_g~YpBYWE{IR96F)e5}x;DqJT_fcs?yh7kgt0KJS26Obsxd1x<|weIXs{kD{WC=^v$Ib#n>A=SeUv6J*R3<OTrrNY_!@
F2Q!<aM+b)wcdN6jYL@pk+aH*`dKCa0$a<$wNz$g*1$*MdWel2&c7%QG8l%?08WF_Y#gD=i6_ayZ%NiNzgB`b$2kS=&AG%GYPo1
^72!5BWZnlm4^cer#m{3`e$Hl@a>@TO{@wyH@b)F)u0ai@$fprUOqm?`-zNUR$ojx5A3el!0)#;{JiU#QS5q@zbM$R|Op2A!FvM
;kdOdnTVFSuhN!TC%z{E36cjPa(%FuCT-)P_U0L&aQ4LD5g}V&n!4HL7-qP)FMBt8>~gJ2&62t3a>0F;IFKl?xaAo9<g1tL^Q#y
3%JHS!7`Sv%C6k3?v`S)<Dyh49IlY3@Gi$L(yFp9aWOj{X{RYPg*2zFtgu%!ZZO+4`869hR<sN<6e!v=r7*xNP_t*PzOP24+ana
URW}l_X}K;s%dir>kh3^137^~&j4s|TiLzv~aV=`IG$fm{;IOc*RkLQV(JZ5^!mSbo5v*0H${?Yt5+Vwy2{O|za3^vyE3)XeJuu
WTJ+d&fb}}n4PB1nvp{m(2gf9BAkFB#L9xIVB52@p<ldq99!7a}#>NY|vt)gHwN2>0mD6noZ+pkuzZz?CPUMrw79jW}Di81&vIV
pFfPAs^qrZH!w#3xCvVJs4$4J-vPqbw0F`K&Re=9(_D>aY#1_Oa=(PO^}xQ6YG+jWen=ST@!)q&ILipt<6<QMpK?3a%Hd1*u@HZ
K{x^BC0hb95GZZEGAAYuP(7O{H|Rz%9LCn#Vi@L^eG`Ga5L7b^sl)p^|Bu)Z77#A%rFlmGc9K?bFT%nP^z6VNwaS<3^)TXXEJoL
Ij*rV2rj*=Lne<KRIgSS{;Kk+dK2=nY_C48gseBPxvx#E(I<(n0H-0S+_Gw|MX=VjOtO+QJ~C@K1D!T3KdZf`iY&t|__Dez2`&?
vIj{Py4=JfJkuP>Euq0ir8Y%}gmNy-#BQz|uzAltAx~zdPWv4Q!qpGN`Q8M^1e6W16j5(h<O*(e61GE?~Wi5Ln2`=R#e=uezcCA
*h6sp!P=BOnocq*Qx-KVrF!>?VWnk5A(V<yHV`w*e6?Jixg53lYyvoY1M!9N{3O*Cz&eW$!3)eyj<_b2SDIjgoREhuCtMXQ*t&a
1nnWg!5j;jO$cl&rfu{3?Vp+P3v9V<q+|#w}DVc_rVZ44{QC`>ctvv8@-XL$PHsTr6rT$f#VQ*dop*h9xj0zbG^)`lHsJq@}JXA
RrKwV5Zua`zBH;=`gV=P%qap%qiR~>Mz-=Ixo4dWHe+Sb+vsm61Xk8E~vODKB-Tvp(4&35hX$>=Bg<gy(cQ9;Vq6b^`;Q0+p#1v
v9PWni8Xb%0W+>F;VeZYn6WD~;hu6Zd9paGl%Z0vw62dVp0XdXj~`_)(j{83jx}pEnX*nODzfn~MlG$ebTO0|Q?7(8^r|r}q%Jh
5t*QK~@-GLlWT&ev!y$VwJuPD^_^D=|b0v1Rv^RA(fv#RG?W6FgX{?nn%P@N;@~cFxt}Ns%<tVl<w=Cf%8>Sbo?KDg=ysd^Xe!6
8UTe#{kwI^XQVK0_1U@&7bzAp1B1F0CO38|E`L$N+MpRKvDhcfms9k7}*)h%|cL9Mwe&#g3~@SYx{1uw9ziLi&EC9mnMHYi*yny
VTt?kZoV*DmF-DX>!_yfGiNz%cGG9=P79-y};dF{<RA0wo78oh{iaC$iBjXe|~cfwFC`t}gB`EU>$)cCoN5t~1Fu+cz$_JugBih
Aj#*zp(os9IYrPxi3&4%c~VLzpzHMBQ_Q;NVP0BHZhQ?eY4Rbt|&CHwxa<m%P#08MWx&`c&{BHtu0frimnoxG_Y7CjHsJ4w=yO*
M>U5v4mgD~N-FX&|FUAbGrQNXG^iV;sVEC5zbKinmNDujW3C)5Y^(CHhOY}F0j&45%qx?uLoh}&YbR7OF}3ikBeScrP_JdN04-;
*5i~?805*iLKQKYDOR!)!rZP^oVm5)Ot}Xwo!6LVuxhy5Fz$SLAG_bfVsjS1Ou`O;WKCOl$_pL)QJgN?-NhvL&Zm8p;YA2I0-ne
z9X)VdSzBG|JZ7Mq<v77^{R;>G{PA9W0Cnp83X|EL~tDuG<_bX{CBplMJDlD=uCc8Q`QMEEOcPl9<K`#WXQm%5M8!Rxa$*|xi8l
;q{?lF)vKD528I56(79<2(jJivh@V<Yvp$SBvMX|9qaKNj*SkSi#x`!9Vbk)=MZJ1e`S1g(;-(w#vpCN#XDtf;jl8m=C+q%d+g-
#KS6WGzpqrYT|~5uYcl?Wh_mw56Y`2&f>i)+Fn#RIW0mV5AzUD;V{tP$$DF87P0Ol%Pkirmr0_R55a_z?!u$_pC~)FeYcR%OR#T
R<i!2$s)5VwJ$8LKdp@{6RNYZEv`^4y(#rAS13v^#jJm$A}zcw!Xv~hcA(XnI4378yqw52I5x93;xBwG%{H*QX1S@gwJw~dUMs^
Y1e~6yL@+ohXD`#T3NPI<{wsvD?j>8V0i|QInKYTDbgyqV!?WwB)E`VLOE8hHJSk_e4Knwp-z>PZu{89h^Q?Nab0%xD;H;ZCK_x
UKl(hdQ$RkuNys7Xp44t~CQmPEG`7F*b6f9gNs-r`$oGaU^BdV`1Tc-LgyQWyKI;zvQ8MuBUGAUB1|2jmkR;@y*MJ;NvT_R#G_N
RI+NGl(&J}Ol(^C37adahfkxvzpQ#VU=s@H+)CQZ=JApEEc!0WJNpq@;5(X0qL~SSn?!RW8gnZ=^A_OE8Zm%(0fM?<NzgC@BUaL
MYgy5+_onAF!!00<TXWC@}}B5-{PZc%*MA$fjH_aHu9JEiO8t;V#gy0wxJH8MLCXk2GGnPA7aQQ<*X;wWC8Jz^tb$^{MBgZ67!+
#vt`Av8k^uo-G-jcPYXwW4J-Q*Ra5}rYcL93N7p>WT~MPsx1MW!l}WiEvxM^4K7tN`Lu#5{4{m5n5d?z*sP1G3mK}WHy{lzz8=U
ZD>FB+3a{!fudaJApfT$$&?_z|lqK)2rK)`+@2$HsHZ4W3=Qn4in7QRK47kTAQY@P(QzT&{SEvLrjI5!r3#ukC@+c=Se5qG0HYo
}x0x#FFrZ3F2l(!kP=`)Y9>8YEqbFEIXy059YPAFow_OL2A!6gW`0XImu@v;axhp;Lm<f<4mJu7M;iLT<M%_PyP3#DnTrY>!)2d
26&AgDhmlqIJiNgQvfr7lA()~3dv?K8flnlIxuP%!^04mp1|5G<FbG$gC6L@p4jL8Kg)3oM75`zQ9SD=S+n@FuXOJ1j@5=qJq?^
s(iw^0GXt#iU`Zd87iREhI7{kE_=wxGDl0QXN~S%9#VH#x4^sR4GEPbF^bKK(th;Z!p8E4Vm_>)+YERQY&8??-TqjSgzPHlQIh|
H!BUE?XpQOeKIYkD=;B3doPx+zor7R<0;8B=Ql^NRj{J1sG*c7@UNjTr7lIO0GqBc!7RZs129`LY^~lXaH@1Hx3EsS1~k07MZA|
cuq@>)ovxv?M;K%(OSMX?gtDxtSuVSmbh0k2rZ*%kp|B~e4V9uQXe!?=?<JY5axDI=yea^wC9u*kny*@zASYfei7!8|=_tf53aD
@_Ef^X$IV#Pq0XoGoF|ZIdU$;HF0jeV{a;-e7Z>=}3<r#V`(<xo4izFl}GpFD#$S=k*qAryw$Et}b$2#A&`Z7_dSSt@HUMe&&+^
t)yyev|$b)`J7S1;W$J2@w_gSZ$xj<Nu_=QLNV={GksvaqPI@-w!pPO?&|oT<>P|E)N#Ft6&Z2d3SyE2y5NaH#q(tR|4E8zaoH`
mhYOK(83E=C`3Nn>7A2m^3dcnxJ(lt1%y>WUSRLq^>tFkF0^LTAE%kce7D3#jJ=ZOD<5f!LZzvh_0-&{G}i)SgJZQA1QvOUMsIN
MW~7+6|P}01~09xIJDa;1+d$;WGx7=%`*I|Rj9@^ft!0Q2r5&p-ziQkdoWX`C?rHMJTiwbRV}BpEE3=~yetSRkuR2{3$soyl(9H
8`Z^6X)GWs`pensIf3iob%BV`H<)|jKuOlQf<gM4K^e7QBAhepX0<DoQM6q74`Y?y7J+BQh+$mBmz_M|)k}zBx9X8i8?5uvRk+D
gzNwo1a$uQ-xyg1mY5HMG{Nh}aGuCt&zbve5|UopozkU7$_l&=^psJ=Tn1G%Fq-yQfZsXK2trmZ)tU^4-?4z}I0&M$2uF*a;A?6
{V)fh8R#=`bca@g`|48L;5A%Ai~-1fk{>Rj`{b`Kx;_PB6EtJt^U?RIgbw0xdA9Q953&!M4%0@G;k_=&BpCAu-)95wKq;maJnex
+Y;Fff;!+A2W-u3acnE+%PdV+briSS2F)Ix+?}T)-S0o1gMfL+N|atXfOSxRIProUnnK0-nAI6$v43?=Q*n@cBt1i&@hIv2ezWB
hqPQQ9X9SQd9c4M#IYDA)h<r7hc$96{IL=<uc%BdlQAeZ6023NNik=%&9?I@&MyP3=P;xwKc$SZ=B<sf6d~-fNIKlCzAbdDo3QM
(VzL&sp{P)(+O0aRiZ&mut}Q>X8?Ak}TC$j<ExU5A$gTY-J277`SG1up^074_V5_dImn^li7pPaYr!9*x;54o<%eA&Mbga@eAGl
MbJF*$EH82M+94Ymy(5xG`I5hLDq_A-?u`{4DA1zxluQDyDpsks-EGsNDFtU><1T3DY88#5Q`Y$=L4YW@%_bf>>I5>+jh#$|lUM
0UV$GOS4l|sQX?y2>(6F4+AZ8-}wYcG7X#JZt0lsaLv5;5SbFu1R%U^gbaB{XrVFS<N4#xhd8eXk5R7qrc>V5Xfe&#}}ouqYfeY
phT&;3%pYrY&Q#Yqz2-lp=00b+cNggfKs|@-pF}k2l{iNVN_wNiyfNR5Lxa+Oa@1sIV5aJT!=?LoeDp8ZafUaWEA$S~1+I@U=)R
S0l}}ZL1KiU7}mNi?lki3A9TzAvS~}R=Aoo=_|ytN3mb2uCOnuQnQ4ugfFw8D7NG>E4Nmr7OD3v-KeuM#4nAl+O8-%&YkQq&oI_
FoU=@&<S_@Kx-ojCw=+{T3$a(W6EAA6&9#X$_A=8jkhMKDL9}bPc(*b(+N?G-%%(3g4lc)_WVl@`Pp$B*Q5@ngu{LKayDF!$>Y>
~=t1n}*vaUd)i#LF(9k@5K1GJg8F}`*;cQkP&LAZM{o3;NcNw9yc2e=Eks;GRZ_Ax;-r!=ju*e<RyO|6Zewy(#kud!1v#<SonU8
JM7nK1q+?k^ZL@3Im!$}*F;%&sM_4moX?HZMi55-(UWy(U$w_c2|qWVDDb)wPE&05)Q)pexWYt2I}t{4e=795jNbVzF+l&#Tq4e
XR>A-n8%}?>S?&0W`=l7BSf^;Ho;Xp|Z&(ZYwjmWG>XRW~gp5i89wGr85CHu^$byaxMWjHo5$^$FFy@ZZ5wpNHo2$S2$lRcQutL
E4z9!EF%N3a4wXy)3%H;dL6B~GcpgfleA5@W;3w3YcT(<*{pY{12)DcG_H~|p)g1>Lob0hFEUjv602skS*HxE)wcH}7pz+?$gA-
icPg^1daCp@CMi@TvnsElsV`!$!7zcUlQ#=7cqn+VOr>)um#k$kyR;UwW-Xi}2RFVlC!zu?J}M2guCTkh11{OI@+_q?2PuWHwYR
#r1vmC5`>e~e>9WVA2eb+<F))X;#w-CU!m+k2yR7G|yfa0v5u)TU=CMvZlPnvu&nnzDfG9n%6g9du+_+LLPcbUI4KYBl6f7FEcC
_*^dosMU(kP=b4K$^*u`H0dF0e1a*Dhx;Ycle*$u3PW{3-#u=dDt+-LSBq%eYrJzAarcv#4k_t+Yh5)v!Xm=rK$+XSypjq%oQ_v
a!>u%cIY^k1qi&dAvogBR0V?`ZZiIZ8lRe3^bH9Pr16W3cE)*9lXr8|2NXH61<l*UOm^lB{#yX;<h<BrZqjfOfus*JT9}T1g`b1
G%rN0TA`^eI4@f@&Z!_YIxN2yBsb+T3A)HQv9f--p&<mbfUDsyR5n$vcrc-&e6^M&f3FC!NHpOv(z+@%7p(|1L@|7<U$cxeHLZ`
etg_*(t(3{SrKp-PgD?o9C#)AXC@nNJX{{_YrZp@wDz?40)VCnPTeE1l+N#Z}HaSBy=_%o_p|K{hA1;lwxh~H$-L)_^)U1Uw7&N
W5Poki;`Y(327ca*w_pTGJ?J;GoL97ol`=i^d6d>F#HZR&R@*!U_q@FxA1GEsaVyXKyN+=CDZ?QTiLLq7%|1Qm{AGMt`Zl@|P&8
=uG)+dd$^sO)~TP{Yk6D`Q4)UIVLCA1tf1S3GE$*6d>vM+>{Trh$#B(2^jrKLx#PPIa?{wZA{Q!^a2Bce*Q7N>eH6DpRlU#zS&E
G?(E2rz7~Bs9IQ61aahgfFQz7PE6P*DgRFg`D&o+B4ELOPsK+jUjlc{w>idaV5|!V6hc9sWi*5`?Pi~doHuHoih8Vni^HDb}^MS
f-}acSg>t2N3a~IpfSUu_oxdnjWK{Q%`wF(QME5IB`rI&&9V0`$25>NAFJpw%rCAewJpN5>MhT-O19}SYc`aw#l7*hVmHt>jkbn
07p!V1p1RpG@G{OIgt+K4s4hV@%`qvsJt`nH{xB20VZClNVzLM|eX$)c3nv<-zb}}qKB~(u0WGAd<S-Mf=PT^8n78Gq%`la|C_4
}#F|9PD1*9Oa&o7*{b+f-6_phWdK)a4Hg{sjSa;rza<E~^af-tBkVlO){*|IaP^RMGBfUT*jiKOhTzA<em8zy)%A1$~v!Z5Wn$|
a*LoHJvz?>KlZ=CVzvbgihWt1Cn>AF%SH^ey!xFElDJkt_Q#3^XORtfB!lxU9pefhYp6fgmU?@F7*LlcJxUyQX%uO|hV_GcN3<V
lKQaYZYB0r!GIV7A^y)#kNH$b2Qs1c(C2Ds49rG^|E@a1uR~tVyDKiG$-4!hM^v?t+oBFv#N%$Tdzd3!YKAHy0N*lIkY-6d#FJ$
X)#AK@2ds1sVs)HGdAKmWVbfAleio^Jd;*5;kK=;HMH=u+&F14A2J5G**fqr@w!p5e=veEav%yHNwo^8)G%W*ce$XbNHvf!{HRW
<N;951tF~G=POp2ei#nkndb%*Qgfz4<8kuMv;I$pGA2UWXV7XPY0W@qbnk5OQ0yF?Q53qnYD<@*GAUUzD*tv<Zbu<kuVJ=&xrL}
;u=`r9mYq`*{rZc#&7Bo&Hxia)PpRhVNp0hWoc{C?DO|3Dhi7;BY(<9rMwzDy|6}AnyU$mnwRJc1ND6|`~{<<-|vn3HaF|Qsey(
^<Nf31fvH8K;lrZG{msj%O*;kMnhO1C~O0<{$_=q^C8#<oYhDKEP%0Iv`&m9$PB2dHT)aW=%ZF*qH#ps-4`3AQ=4dbtTPxvjJ|G
c|6Z2DDJ6uA(BiUN332bTP&>^RVE!hB0-qLYx(_hc7v|L^dR@WV|V|KB{A^QM7C~M6voZZZLT?^1N=byufQY7_*zS9yhhQ6g^tH
w7d5y|2Hf;U%O;H963ZcLM=8r`a6O!IHlga1-7iT?XqaBQzHO2udtIe<|_9seJ~d;wJ<+2FEK4McQmUs^EE;@P&auvZaJhm%{mi
2T|E6fzC9Q|l|C##d_U4Z8bA&}F+fs4JV04Mb3iJmM=U-l!YFyG7A_Vm6fBvpk}xwZbS)&Yo-r~n;VvMs@GnR&#4d@fyemH}Mk^
1wZnXHd46Ot%9X1{`0XZ-`qdPV`J3HaIqPc3h4!HKW5xD*?$}he#Y%s<!r815&&@sd_=rbZTLN#hNo;Ch91UDErGdMOlQaH~zH#
tW+Y&ps~vN@|c@;T8txH;rG$2qJy`7jGIzAShxc`{@(DlRH7cQm6ks4oUE9X3@pnlOqmGB##42r)1*;xsceDli2w3pgn@K{iq}J
v5m$(={kJr!y}zuQ1Cnku{7pku?o89yD(>M=jf`buc3^;IQE@{;iB6-l^@Z(IsFp9jM%?959+F#v{iXk|bELys$U4tFYmul&sb>
6*+%3EjVI5lQ<(fWj<S|PN~hQwj}1OcceQphOAPjS)>dh-lPpN@hNMcC#=k_J0)JHimZ0ErZ%E394#8HE2#Rcud<yj)iN_Q)TaI
`t1=ce?5HBNhN!?QEv_}O6)&wVD6;dY5T4a5I;5qn*(y`4I4i-ZF0C9aFQo`A&Lo&D0WVl63M^QtQ!SS%*C`kz11WYY6|~*5N1-
;ik}!ffjHs@l>>=<czAeqHaH`xbM60ZwF0B+K^sMkLewlI`#wVC4vMT*BIIP?|c(_WspRIr_!6gYW9k7ipE3u@m>#-rEIH+DM#5
8L)zP0@^RWQ@EU9TT7D=sXoVW)(sZl+Y9<1m6GE2OF}=pofA^dashT&GK}Y^Fb~0kB;o{;ZR&nkFMGr!SbW(64(jjkzVb<g>0P?
4&R#hA6HrkfFq=A&5(;)uc@+w<%gJ=&PA6H7=7YN2$81mZ~eMtTv>u1|O5D>LYzBL8z`N0jyUsxGT{yI-@fyeWi-5JF<r}QnHq=
5HY;46Rs#GNib2N4lw7abSY~rRWCCvo-EBPXD>&ocPKV6{V-cJ#TS9BLNe_$950_NWiNZI*sVvh&9wA1AT$p*NiN(m53GGC)~-<
}h@p6&VKA|+3NH?@{3#Z+7%5sV7OW1fNv^4_zqG$7Rw<J%hcYy<0V{bJUM@T^q^*guKdjghp|M)0KCv&f`Knzv=`Q{-gf$Ya(5%
ZdHm6ClkgPYd{;m?S@viYIJ+fS^f;NV;hoJ{FR;{`x)h14_yeu!M@H4P1U$E^i>ZB~Q?Ki$Q^)*>2AG27f8@1!IgEI9j1+oUM7o
bKiGN)j#Z7Wwa+_3bn6EmSSL9Xd3x3dm5Kr|Vn{50gR7_0lOA~b2Ovb41!gtP@Ub2U1*J+B`$fV07`CoOC+$t_8xLa|A#Q>!_&G
c3a{4x~Vz&nLVlye$-{ek(30Dyo&Nr>5$x(=b;uxiu3w{Wsb?HZ-?1G&X;?61ZKwJE{#P<SM4E-zK;&_OXd9@E}bvPOR}NFsk(}
SR=2iMywh&@uheyt*sq445-1gkSM|^)2?W&?5+1C*(*gg#<2J+V;RgS(w*=V#xHv^`mugAC$zUI<*~l6r7q5vPoLSaW-XW~5HFZ
48?7-a6|SKxV=Ig>-!LvHfGD~l!!ThmZ!cM_Tdw^q8!PXu<TSrFS2d`tFBsewl%OXpJs)i?0xgQKR4r5`%Pg>^SE#qI38#=OA1m
{$aV&v0=Ay>Ce7h<xJ}w+AM<|x8kgTXPWUY{`c`hKX7_y(VR<I<m_bekXAE>V@87{K1k|IW@Kr68*RIWZ0@-6JFK_lNU6|P*O;v
~YXI-ujNt}J9Ny`dg31Fgy}wz15$R5?Mli?zBuFto9@#Hl@xD<xPc_9PCfdMT=+9H*=r_^59w=A{iGw5m%ex-SQ;C@-!UI6y+U*
)%A&SDb?==B{ilhbP#rnWVX@cq;xYikvs9sxkPj_pBZ_B(%G;b~FSt|GxnxlP1Bmb)Z<PIIMD}9jaNZ?x=^XH6;M31gJZs#;jkQ
9H{!LL@FLH9v}W81{jv8EVAOH=rVV)Y%Q6vS*znNzpM+au&CCmdZg4H!lK)xORLVXfE&{w2q<|f+NdX>J}iH+4=`b@2O)o}F0r~
KSgRi{mnx>LCMn$~L?CCZ>MAd>{Vtg=N~`6PDz5*jFR$Vz9hw&{wKFfR6)(=H$gLQmE-3D*qp8KMVlb;H#f#c1L8gPNPc6o!4={
wO=(EDIF0zic;I3{oI~5u^&!l6n=p+BAPB0lB-mhvbt{x&N7p8S7_9{W3dM)ZKm#$ecQlv96D?Ar6(68PycO{T5XDF*K`W^45H?
6a?ESM!M79gppxHoV$gs_b;e<R$i>n#u~7O*p@b*n@XR4Ec2t*x7?-<mwE_a*DA2dfCBK&t$!b*NXKF|OjHoUmaZXPyeI5TahNQ
m=Hh8Ml(Qpt<@XpstpwPo{aSQ!7BLhO7jvbf~zgHkXndjw~Ce=c4MV;48qLGpXq^E3H&1MkT;2zpd!0c%%%dJ1l&s60AnBJFU&3
a|?v5gE4L}0<nBD)Tqa(5wM@BcB_k|h#<T!YOH4<xHB3tjxe(=7Atxz>@dnJ!67FjyDb8&>?de3(J$jM(=l^1@~B@d60Bvnp}1?
gI;v<W%`RXYl$Tm90<VuM4>A_8Q>@`ClAbgzma&?!f3N{8#w?&E{4p7?DYE=6da+lmj;&L%1T5bz!Z8mtrm-<7ezP*HBedYK3Na
QlNGupA5wHxea<|m3=c<mhmnoer6|?d$SEEHS*(2yIFEPq6?J6XjzA~VnF)p$o0j+c`1}Vp@e<hQx#i~^$@+@sMemL^1TCs^O=B
v6d->)IA{HZ9c#VxWl$1Q=VbEw{~lQi(Jc(Q^rA~Ln77_zRgY%PhirY}0MWG(J4+A`>`N+rpsnwx5zd#h=*{;(Uhl&@VZnX|jF6
e(~c!YXX6{3hNlv#D1v^sIHM@~N_t?I46Hy)AbwoG57>dZ#F>L@<0TmMABh&Mi}?%O;sQ;jSYq9Y2&b)hf#!tSd&WyrAK)c&Ox|
jUvP)JuL^MO)32!{HY@>VkW&U8Kje<Xtb&)(WogdmZfr_kfjH$2C)OB35en<qOYWn2rdtx)vPKk9I%EkqcN|vH7gpdSgypIjHGf
c+$lAu1f?FR(WEl2p{h@$AF3s!{43Y3EG@|_T`_GkLMenT6|tVOTC&8j=C_@<LpLg~<SYs*Y%zo?B_TGc)~wGbzAvz#_zqsBE~<
;9<gVf(bRR6NxU2@Bk1GzbI0zOnFDZL0wkusTHz|3rT(IY`hpe`y)UZyjh9_M$vn6`6jxjf^_OzcY+O4WJxGQI^l(O+KpQvame<
2U9O)*NQi?FIF@wES}0Vqwbey{$m#I7N*-mu;%BBUKO?>C<|fH?E6TecIq)~24a9Gs#phb#iAWGnQn!!Um`P^Y~u0W0+((<;rai
!I5peVJP;7__mP7B4?9`mc?y$10j31gaYs_%Tl~VlV48psm!Qd?DVnnm4zf@3*EqKEQ4@CL4LVayGFtDzqIig)wZjH!nafVjET_
kSAp?Ff^VsL><hhlPrp`<EbR1lcgrF{H?UA_pnB@*fCfzxH3Sv*t6uZEuDq1jk1KZJ1j#kb1IvxG%rynt}X^J_Ar98+bC=^_bmV
_JE;3FaI^a@=`iN3?Jfzo1+XEc(63)KI39B{wH_C&H?rEL!!tK22qv%~oUXz&3NV<d!zc8eK`8gHs-w#-b0|}+3ZlNN@1%kz$E~
<8Af)Id$|kWQEGsCg0U!;j3%RALL?olT={4dww4RtNOq!@9jIjTwb})yOCnQ-S1*@GNQl*<F>!pLQJ|yHWIVZ_3D!79+tE~4kh^
0NQgs3jC&#aZHY_Q9wF03{%d8o6j95A6Z=(HKMR5m2Dvn~O&*fJ8XbFb7hP$sjiI4S8Yajf_z*Q^LF@Fsh(S~Auv5vCF;B&;g0=
Azi7aIn6rz^C1^bhQF7NHr9%<vF}ASFR15Zl?sUMX@ofTr7Pk?y=LZnyM(PfUvu;8!Y~_;V)3I-z#l35xI1@RyumGUARA?&#M)#
v#eLN6EI3G{4gi5FSC`f{H8}7c_$OGo-tD><t(JI3aCt|*(+VFzbIfRN~AX~x2yiG1vJ8xL9N~^xhEzrs;J!@#woif_NA?^`>I~
4X10bZZLe9iu{g6bouk(utR?@d7AgZOnH~HT<tv>Y)2SpcP91ctwHf{_ku5$bW26-wRlfebSGdDAteP1q7bA-%J+Q5*Mk+g(SFe
gLP%U?;9xy905VjW{i!t-9H869qO*Fo)Xr-+%Kpu$}mmu*eRjH63@vVU=Qy%NB;*yV{M=ckq*(+!*94ay@lq-ZRX|ua89xnH|EI
B_oueHuE6Di)M`YOdNeJ6RP5}rGye;ZjWys7LbPOeL-YppM`11j(^UL#{9LBAa+OS@SnQKx$`7^;k=_%4GbHkAf2Gp>8ABA_p^5
3=?)?jWVGX)*Ayu%U-6wkp#v|E*1=G$})@Vjul4MyhwNttBF;&M{{og(~zZ_bKWm3@idBS|lwoC@m5u7cQ4C|1r5WWjB>NuqvxA
s->3{dL_fH4JOSg6)1<I0V)cuqO5KrjH^i~<|Z$#6)>15*EPF0VKcV3z%Cptq@zSGPN{yVD6U+u2_gKhYn-zrmm{YsL9>t+Ofj#
lNULzA-n|^8s;EA-ZzoS1j;)R$aivHwrz?i6x+fJdJFj9W!7bOOjIBYX0i{zfprm%JnW?v}7O%jqlQEh%I63ep46t=5bSN#T`=v
9f#hqQ5nk~B}Dj$5PA*NZWDXcmr@u$?U5h(+&{H@oayCIsd%&noYf+RgH3N529OeB*mh$ze|FDNavoS-5zOtJf{-7t8uWTL<<ai
RJzf~*;?$}d%|gDr)u1+d*Qr6k|4kTQfQ4J?SRt0tx{G^)WXXrj_KA23Ix-#J|}vLmG<I=QR4aw(H8QKM$CTq)V97%FNgMlu_(8
=Sr*ge3<ki!YfmZmeso8Z23`vNr3meXhqOoF<bmVlD+Qovp>ECp2581~Rj;Oe`)Y^EptoP`Oe&y0XW%4IvgZB)D3qUK+P4iX_=A
)*0WV=_=2yZYD}C7@{?=1*{RGXfBJI`>Zl4TdJxi6(xtS3bbRdMyu1ddNrFhP^J^IS0sBQ^(_{v1hK^{>aE_af~*3gge@v66sCJ
G4=uzo=dwnz953fBV7z2C(;;)Pb18`^E+_>Z=CAZF`7gMt*QYC`@-zt^MlcJnk}hj5J++UmJ)#0AHzUoghNv(ik{duMPpL35Iju
pi;v}-K{V;o(Z7u#Wb|C$wM=Dd6KCHN`6*ECIPPAk<9x?#CXe^Afv7%L^$C(^1aw2i2cdTHHPp+}3#V%&BV=r+qJgJkOd^A}vZm
vtM{knj$y0+OfCMV*k0jgXr|12;rDzT6(tF|<;1Ttc(GPYJSZ>bizB{(E4>M!N4d8{EPz$mb!IIj>YRV$4r^ext`pRJB3M4-1Xv
M+KlyE6nd|1Hrqt2Oa9wKdE(BR3MTz^bmWLA)!vEV?l*_$#udFD-5*zo90l!Jf^kwI?Mof37Pi&#?`#A*5+A0I9t)gD%fAKc>XC
iL|JvQ?9hHKcI)LQ6<_b?lKdsilCz{aVE31lOaZ~?=lE9a;N~Tb+ZvGIxrC{G$i*ZlPWc<kgho_x}?FdXsDwtUb1Ph@|b@v)hb9
ZO{@+ewJu;6?lE^Pwym|OEh~gEKQf0n-<{K@5-b)mt1j)XwWLY0<*7*_;U%>%wkqK>P_C~kb*&#W-7YaVK)U-bT&E(eakTw3BBM
YlDljZDyP!z2Gbw?vD6L*G3$326BsD0tTeY^Yx+goE#X9_^cCiSr$*Bk}5v<ZK?j}$y(=dRp&nPUc_Mx_%Zzn6U_p5HFw5WNi6$
@jn=B+-YPqpG9yEOB&r8t5x-KcCV@GB%Ovo3+IfUSQmfuZFjtSFivGO(epTO~*(O0cUgq^y{*EHjU&bE;1;2%<1DM6hh3M65?5x
iFfrcd+5E_nnM1$fy>qaWFTr$}nHKJGKNiV5(@XGlHWqfU$9~FfP@x$fokGkg^#a*sOrCV4T3Mw5^h<my`D(e<+?KLnLOVH#4G}
^Dqaix3{#l!7l7DxUc}SZ!sVzhB5)EcQDs9lq>iqwJi%UpeySr^Q*Y1m!;b(T&9(va5hjVY^owMO00V>a4h05f+_$kK`x)H958|
>nXrAdN;YvY0<KasuBc=(i7h~`r>*#}Yc2ey39b1oO{;G$8J?xAek~9!X0G|MiXEP?rmUKz_puixdoj_lOs18unKhiWm9-Z=r!e
%h^szXi->n5QVK9KKx~jr0I50LW#3h_6MKbL#h^#L#IV&2h#;XpkVk?9-={2e`y{z-5bT0ETR5JfC1*2A{39ig405B*mkgjl`1h
G6d47I~38zjLk!7AjPLmbqjYp~v^oi5g%94$aFMy((v&J?w(Oexu_L>}p_TdY|xiKY6ko3A3RGB`gh&8<B?1~~Po!>_lb+OCHhs
wTrOC?6IWoh|qw393OXKChUng{U#1sjR=PPONOKx;iYh{j4CX39Kls8mulLJuyNr;v?EIE;IEpZ?haPeW{+b7&O2%kFzE#*d{Nr
QZzaswH_s;9<XCA_$1>DbS7S@`K$+}Bcw4Z9;i8=uC3T43oW;>JhERaPO;1~@iTWifj*}?Cpj@WK{FRFjToUSVWg*?e6QcG@+%F
bt)@7tg(7dO(<W%Hb*O0}NUpgn&@8gJg1S4h+bznfA+A^-9w>M)!522LH!dZy>aA5R)GbgiR4vh(EU=I<LZLA)+^Q3;1SkWspcB
e2M<qlhPAOO_qa<stohNju2`<Jk<Sj2ODk}Xb3o8pSr7ajGxTf8!Jsx!^4zb-X-8LXJuPK_U#wf%r1E`*-tQx%<aHP7W536t{s4
0l0t*40`da1B1-kyY{bTF2(x2_8)|D=$jxUUPVVzE!I1Fae=NS)**)TuYG)}?VMiy}=gs44o4xG=M_fHa^kpRBAaMlmk5#jz_Ra
3~R=@3AhYDk-?HjUL!B5w9DmYc4o05vjl`>!Y=*#Hgt=sIdSlaW+4<$+NqvnlF{5ud(!_I5LVXMXXM+Lp36)DzIv_3NwK$Hm=XJ
B(Wl~*e``K?Xd<mlC*TLPOY%DE-{`I&M;ChDy3j21~ucbH8;|*R<5Emk}p=Yi>YL&9IWcH9J5lboH2i~ATgRP@vYsRg`j>cge?@
WS+D@DV6hvpH>%>Uc_uunY$@3#KCl_Gajj6bR<r*!xG`TfkTd!#_NL^g0;r29yebMKLoKtdyR1B=X)0SVH>t$0F|9)|H!ylB<FM
DRS2CQXLo>6n`7ygF8nDK%XS5+M)Tv}JU8|0;0Xw%jxHuiHOtg|M2rF{3DLmJ*GPNr(Oe}G*Ca^Q6+oMOc$*rug@~o+^rlHKH6`
s~B?i)2JgsxbsWvoK3TC!2EZ?O-pj4=^5?>Lz+h%<_@X0(nr@UU{R>nZ=KU9mWzbEIRl_n{*!x-p<J$fdF|fhI?(#ITK}?y`ul1
u2X#xGWhhYbr^xKrwGJl&8(G;V=y{M=zMP6tj&b->nKWZn0Oii6lX?Gc5@*?yAe5wK7GjtSpbIVw#O8Pb(8D$eV03u^|*ID5U))
5wGa5O|nk3Rjz-w{;tqBIx(*|@vZ2q_$Op7Q6=TCU@T>@bT8o~qB6@T2(VKzYActi4J_B0zptULFFmKRg)-nH?5&8jFfVAXWUvG
*{4ZTGVyj#fA1oWLrm0b_j<wz{=d2>Kj<L+F<S)f90<AbOqNy#f?yan;x+o&BnJ6YOD5+B}U8pfAE~#d$6)YvHlO|NCcP&~pwl9
D&T{i`!9JFJp!nsN%S22;Q5iK7gC!_D4z$bU5EG-4Cm$Bv}zAiAYt}?@`ax79X;V(_Bdb$cO53i1@iZDv6aWJqjC@e~#vMk!M?<
bivwm3B{88!>I6*2-hvbKn?Ql29x|0<m><*J{haVU|epDOY%1grZhg(+4hVHsN{2Q-4D(Vi7Aud9JAZ7HEA*eRs5!ZxEXShtxpU
$R8IJ+Vct4XjowCM&n2XsEI+KdLk=<1T`zFRlVJsHO}oX{)6+X|mZbR5cR03^BX3v#Dks7_#~>@2D#=t+8^6Qz|&B>8c1cEVQAp
uZRyb-Yl-OaxB|0`mpvbE-3^rs;4q5kf$N6xv*fg;iycV^(DNn*%;}sMy?AYoUL=NbDWB$v!z?8<f+%Op0dTP$RrXpg*bAo2`q7
`&!e=kny|?(5}>3mR4b#SvnZ^sTCssHMXndI3AdatYAva{qcRRKdN5Qlx;2!Kx16T32(p49@Tps|doFA*Rxx2Vp)XUgZ8D*=f3#
XMM7&77?k>-z2sq0ip{>?2yRMV3IxFxbzpR0(-7J-*ny|ho)vC)GRV<9CXCn<Xl`Ar>cPcKb{<R=BvoK$-_cWC=*sQ29fhap4Z>
hWzSS&@Xb}8Dfz%WQFOsK1=*CQD;L?ltGyf$N{d@<;o|1)4K*eXn}5wT<+A+&ojiL_j{-?08LAEq2KbS($1^fC9a1uCMj1~l)is
jhsf9-b01bs{gW-7#IR9IVzbk+kY79x*VXNvq%{JEhgH?WmcoC9%OYYbhA04LQg(*1C={OSb|ntgILvtR|YVpR$@Mo1`wZiLiPx
H!bBTXs3EB$u9n|7NiuY4KxC^y|&<_H8qc<WwL=J+OwjwF0z)kUMqmLW416iM>Act(>H#$Lbd}sysT-aG9;h0{U)0&WvKBXdMns
0N1b7;UM&-*Ij9mUrzgy$RxBtlSs?K)d8>9TkSZ9gAE);-$t=pWj4?TvI=Y3Zv8$UXq@shM@2yBIrzRXImMBdtJ}IG{M<BweFRU
A(IkEeu;jR&<<tH3ELNTScbTHm1dl@*WxUcpf3Zg<Uw;sDKOs<40I<S_vKsOyUk+#}2imu%=f4Chw+cncQFFTL5qN-dlYPiL>&^
i0PZK^>yX1V}4M7S+Eq_GD%Sh?A%sx(3|VJyJ3R5-}81u>hwmoEA|C$77=u`z5jb20QWU$win6fyX-N3^c2!!*#U!l>&lWUU^v@
+=Frj4OC9KqyPS4YBMm_a&Y(=C$)ON1sKsHLf@>#;H&=mNQncowVDo_ca@+&o$X8Bd`uBM5%bR`7rn}?=5SsgEKm+sGZU?MK5_b
T`~eQL^Y5!PcpEn)|wu;12U32W-x2AwyGyJDYZu+eK))`3^{SOGBU*>+`8SXu(5@z?lYn_$}9skw75Pd$~Gjd47Fml=QO4=r>+e
uiKW`I(=3TG&o(8rLM$CAFEz0;ldA8qBCj|%TQ*Ln$|+;A#5Pzokt~WhpEzo;U#^O+J-Es>AvArVHMMLsZnZbD5H$uY5w5B(v9b
B5f;4@pVzxOoGPH9kyRHnfp)qo{8MI?FiMX2@M6Oz!?5*mx^eut3in!~bB{IDsL^N?L$}t}{t}TAD`LGo&myiZ54knB?8Zi;5s4
vYkK{ji!tuT@@)w8p+@GikI#IH6g6foN;^dKa(Xfd;~3%BMjinYtGb+ps4l&c4_6uf#cnJ_W3*t~@@95g*99l6LX$*?mu_cW&}R
;y92?6Fm?{53B!EH*1Gv$A`wBpPYCk+eCTxi2#`)--gnI;{S!VXl0=*)>F^<S>gY?k6y}6(WTyNHk9_#IN3`0<BN6LL}?8k*-Rp
nKdA=1+hRh0W$2eoV1Iob*M3|SgU`s1~DA3o~TVM0<QZuCA8u(z%R6|RICc8(=52W#<$0?lrr%xiZK<mPceKPj<KgS8?}}&1gxC
1xUu)CSgrLeTrniGRVGL`$E+_fn6iK|+o`guU^5rBpfo|T5wm==@htnd?60G-%pXCpek_(G9Wv-P{V?Y=k17L=y(p?O9W&Ic<t1
IY<Thx$GBpXYS~N2;1TTrbh%I)u<CqMjZM8SG!!%T|<1Pd)sV^op53pn}bSh~uQ?H*fb~e_u*052nAT%zt5;iHeRW(vD;jMEd)-
EhONih(u4lrD_g*5)LXt3|E4Y<pvaWN~n$}Kx5s4#A_yt0ip!#71S$|T@5r!b{2@UUAhF0*$kw7E36t}UW3F*71FG&c#hqco2&-
mvpCQ!|OQF)!0PlQ9IioF#HG)~UE3`7<6XATxTotuAV@m%QIH*r+VB#WqVc?<pQQnX_v$|1euHWw#QrLp2De>9j$ifjRdz7^>Vj
(li6P3OW0*-!lI+TrjM;t~L}wnlY}rA~Dx5A2?bs5ITf5Tsk(r1vC4&*Su9Z>Mwt^v@`}jX*12LqqQ<NgQBuA4Y~-pNjR`FTDv{
6SS&8MBB-^kBr<U?53n|*-!_4;s4f{aIkGxAyD$8+MlEo&BD6^`aw$zV+BUT_Vlt7ax-iQu0Ji?E95m=M3^OaQD6|?aL$fWfFfW
lcJSNvMq%DoTHz;i-r7+F12Q54_fvuUS7q9!RN-b(I@T}rA9j3rA?5cvVb+T)=wzhIBYq!)g;3odC;WnAI3#1{eyR3FHskOW=F0
DVT7BQnL!!4vQ6}FVExHG$~3cCHY;x64JR4hO>>9`l9Iyrx|^)sq1>#&+QttwkC-Y{pWBcw2{kS}>V>p6`kkS`yyE23&P>aTI1Y
A<g$<+UlfL9c(ZZLM~$_9=HPsH&1QGOfF`ojK7gU#{-31g^lfZZqq<@iBcQ>X?SDV=4eNPchrF#4kuJ$TNMD__fEjPrKozzB9=n
6)z{K(4mYkc^`>5fHK50Kc&AhlrID{fTUuq3$c_e8?{-rAvWSK_Mvqox+L2)h^PdqIkPA!NVQa`OR>DWud*I7>a6H8+^sw$im(k
fB(~%-&Z?a%5Hph`;xR%dLl_daK{XXFLoj}_U7O-8qAjE<G%(JpMJ<Fhu(4mX@3jalsWCAlgfn|Hw=n@L3Mx6T$1KCU;xW}I_a$
(x%Cu!6NiYd0@R0d2UN5t<52|Jno-4<rO*F~2_cuf~Gp~avg(OZb0x&Q%51_{|WF&R7uB+p-b~K8wMK9MaGqIkoBeIDm1UNS_U9
#S`Z8hI87_g}`psnjM(WjZTODxPaA~9jCG&GwourQ9T@-Tk2)hUOl2QsIwIw%M%N32UY6)*v*=c)s-U?%7x-K2OhPBzx4RWL6zZ
7_>2%`e$5&#m0ENj1VSH6t9hhBV*4Kf2APUbtE`bhjP388pEtGBn;VKDUCpt}^?uV=ss=RxXDxdbA=l>!{tY-ME@8;w;{)6fZqA
YnC!JTrLj0fwqV)lAy)0WHwN`WVV-_(6MT&Mzoc&Q@j*0Ke~>v5wu$^=&iJ|7BnoeoHa$eMlr{uJ1hAxx-nWMf+nV{uM}Fe0Wrz
51+XKuyRgithcj%o&NE%CIyK}h3b6Mn5-8I<=q=(W!Y}W*K{1iPBCi^@Wwq+4mMUAkXEDsBOE6KcU%39btg)yk#V>y^&!_{X;VY
0P*tN{3&9L+=nWk$mrZr`(39|UE!LOOK%Cao2=r2|#->l@dXDmH2)2&l8nl9L}khzdGOfXs{r?ed=ATyz(urK--kF|#@9k|@ETr
Ll>kE{Zz_$78H{i%Scd?GzG<}5WN<F%QxpdaY2y{dV&oTFB(JGH7WQ?CQFQ>-Q*elF&+kS@QjZn`J4__S*%nzd}KBsN8~ny!8?4
YaH_?;?(|{;0wxtFLq_IjlphXR^U15-B;b7BtN^?XhMwJutzzyr|MCV>Es;X$-owzA5rK_cBYnr!=BAvopCdgg5{+%saxoA2G<Y
(z@$3eKAg~N407+skind&$KNt%%0OUT(zUP@G-<T?zwlg6D$R?VUqMUb1*%z!>l~EiaF)5H?`Th95JrAK|6;!hdEZRo3nB?@2xn
peKcOOyfQE+^|ocKA**vUUN6!vOSitYWxSX!9k#JB8?ivHXti`MoH8*TYdF3$sy$J)bFHGR`Khm*!m2Mb?ky8D@3oq?`nu6Dt*D
zZGPTLDKD4hZB{CGI=`$KMhdY(Gx2fE%K(P`o4y3U!&okOAT()MlZ@D%!;;kJs9kzM0=d6J-?l6+8#WbcGj5<NM7O#e{`?Jk5#5
NYVK(;@;1~cp_D6UGf1Tk#4XR+!p|FoSkbhcKiW4zQX+%Sr_xUiqBv$IMxH8h8{PO$5@W-_HMzNxsad@u00c(J@Nue571L$&ZOQ
@n&R&#mgX0<z7jfV3JoeK^In-!%8MpecGFMIsQjdMIVM@(?#PF0>dkM669S^SY=ry00&~aIxXJ1g<KsU@PXOz@1I7Kqxq!-@J{p
>M?XT`Y!yoQn6_`wW>2O->pS2FFBeedpp0oCblOz3_9L2k~wQAd?aMJKe+U__c{hEh$3k?7Bu-dnLKbk_c@R=v9z$aH?e!LsJ2n
JC$2&=?y@8`
"""
